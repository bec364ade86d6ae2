import { beginBatch, type CellBatch } from './cell-batch.js'
import { readBins, signed, unsigned, writeBins } from './packed-bins.js'
import { createTextWriter, type TextWriter } from './packed-text.js'
import { readCount, refuse, type TextReader } from './text-reader.js'

/** How a list is written: 0 for its places that are not 0, 1 for differences to the mean, 2 for what it lacks. */
const DENSE = 1
const LACKING = 2

/**
 * Writes a count for each place, in the shortest way.
 *
 * @param reference a list that was written before, and often has the same counts or few more
 */
export function writePlaces(to: TextWriter, list: readonly number[], reference?: readonly number[]): void {
  const lacking = reference?.map((count, place) => count - list[place]!)
  const ways = [writeSparse(list), writeDense(list)]
  if (lacking?.every((count) => count >= 0)) ways.push(writeSparse(lacking))
  const lengths = ways.map((write) => {
    const tried = createTextWriter()
    write(tried)
    return tried.length
  })
  const way = lengths.indexOf(Math.min(...lengths))
  to.count(way)
  ways[way]!(to)
}

type Write = (to: TextWriter) => void

const writeSparse =
  (list: readonly number[]): Write =>
  (to) =>
    writeBins(
      to,
      list.map((count, place) => [place, count]),
    )

const writeDense =
  (list: readonly number[]): Write =>
  (to) => {
    const mean = Math.round(list.reduce((sum, count) => sum + count, 0) / list.length)
    to.count(mean)
    for (const count of list) to.count(unsigned(count - mean))
  }

/** How the counts of all places are read. */
export interface PlacesForm {
  readonly places: number
  /** The list that was given to {@link writePlaces} as `reference`. */
  readonly reference: readonly number[] | undefined
  /** The largest count. */
  readonly most: number
}

/** Reads a count for each place. After a flaw, the counts have no meaning. The batch is used for the time of the call. */
export function readPlaces(from: TextReader, batch: CellBatch, form: PlacesForm): readonly number[] {
  const { places, reference, most } = form
  const way = readCount(from, LACKING)
  const list = way === DENSE ? readDense(from, form) : readSparse(from, batch, form)
  for (let place = 0; place < places; place++) {
    if (way === LACKING) list[place] = (reference?.[place] ?? Number.NaN) - list[place]!
    if (!(list[place]! >= 0 && list[place]! <= most)) refuse(from)
  }
  return list
}

function readSparse(from: TextReader, batch: CellBatch, { places, most }: PlacesForm): number[] {
  const list: number[] = new Array(places).fill(0)
  beginBatch(batch, places)
  readBins(from, places, batch, 0, most)
  for (let at = 0; at < batch.length; at++) list[batch.cells[at]!] = batch.values[at]!
  return list
}

function readDense(from: TextReader, { places, most }: PlacesForm): number[] {
  const mean = readCount(from, most)
  const list: number[] = []
  for (let place = 0; place < places; place++) list.push(mean + signed(readCount(from, 2 * most + 1)))
  return list
}
