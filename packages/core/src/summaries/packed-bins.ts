import { type CellBatch, putInto } from './cell-batch.js'
import type { SparseBins } from './histogram.js'
import type { TextWriter } from './packed-text.js'
import { LARGEST_COUNT, readCount, refuse, type TextReader } from './text-reader.js'

/**
 * Writes bins, without the empty ones.
 *
 * Neighbours are alike, so that the difference to the one before is written. Most bins are followed by the next one:
 * one bit says whether it is, so that only gaps take a number more.
 */
export function writeBins(to: Pick<TextWriter, 'count'>, bins: SparseBins): void {
  const filled = bins.filter((pair) => pair[1] > 0)
  to.count(filled.length)
  let before = 0
  filled.forEach((pair, index) => {
    const bin = pair[0] // to destructure pairs creates several objects for each, until the function is compiled
    const count = pair[1]
    if (index === 0) to.count(bin)
    const next = filled[index + 1]?.[0] ?? bin + 1
    const hasGap = next !== bin + 1
    to.count(2 * unsigned(count - before) + (hasGap ? 1 : 0))
    if (hasGap) to.count(next - bin - 2)
    before = count
  })
}

/**
 * Reads bins below `places`, each of which has from 1 to `most` counts, for the cells from `start` on. Returns whether
 * there is one.
 *
 * Most of a text are bins, so that small numbers are read with whole numbers of 32 bits, and without a call for each.
 */
export function readBins(
  from: TextReader,
  places: number,
  into: CellBatch,
  start: number,
  most: number = LARGEST_COUNT,
): boolean {
  const filled = readCount(from, places)
  let bin = filled > 0 ? readCount(from, places) : 0
  let count = 0
  let { at } = from
  const { numbers } = from
  for (let index = 0; index < filled; index++) {
    const read = numbers[at++]!
    const small = read | 0
    const gap = small & 1
    count += small === read ? (small >>> 2) ^ -((small >>> 1) & 1) : signed((read - gap) / 2)
    if (!(bin < places && count > 0 && count <= most)) {
      refuse(from)
      return false
    }
    putInto(into, start + bin, count)
    bin += gap === 1 ? numbers[at++]! + 2 : 1
  }
  if (filled > 0) from.at = at
  return filled > 0
}

/** Returns the place of a whole number in 0, −1, 1, −2, 2, … */
export const unsigned = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)

/** Returns the whole number at a place of {@link unsigned}. */
export const signed = (place: number): number => ((place & 1) === 1 ? -(place + 1) / 2 : place / 2)
