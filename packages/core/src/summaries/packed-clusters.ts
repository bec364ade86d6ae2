import type { CellBatch } from './cell-batch.js'
import { CLUSTER_COUNT, type Clusters } from './clusters.js'
import { CLASS_ROWS } from './counts-by-place.js'
import { readPlaces, writePlaces } from './packed-places.js'
import { createTextWriter } from './packed-text.js'
import { areRising, isComplete, LARGEST_COUNT, openText, readCount, readNames, type TextReader } from './text-reader.js'

/** The first character of packed clusters: the form that follows. Another form gets another character. */
const CLUSTERS_FORM = 'a'

/** The largest total duration of a cluster that is read: 35 years, in microseconds. */
const LARGEST_TOTAL_US = 1_125_899_906_842_624

/** The lists of clusters in the order in which they are written, each with a list before it that is like it. */
export const CLUSTER_LISTS = [
  { name: 'finished', like: undefined, most: LARGEST_COUNT },
  { name: 'answered', like: 0, most: LARGEST_COUNT },
  { name: 'errors', like: undefined, most: LARGEST_COUNT },
  { name: 'timeouts', like: 2, most: LARGEST_COUNT },
  { name: 'aborted', like: undefined, most: LARGEST_COUNT },
  { name: 'decided', like: 0, most: LARGEST_COUNT },
  { name: 'unanswered', like: 2, most: LARGEST_COUNT },
  { name: 'predicted', like: 1, most: LARGEST_COUNT },
  { name: 'latencyMs', like: undefined, most: LARGEST_TOTAL_US },
] as const

const PREDICTED = 7

/** The lists of packed clusters. */
export interface ReadClusters {
  /** In the order of {@link CLUSTER_LISTS}, with the latencies in microseconds. */
  readonly lists: readonly (readonly number[])[]
  /** The labels with a list of their own, in ascending order. */
  readonly labels: readonly string[]
  /** The predictions of each label. */
  readonly rows: readonly (readonly number[])[]
}

/**
 * Returns clusters as a short text: every count exactly, and the durations in whole microseconds.
 * At most the first twelve labels are written, as a recorder has no more.
 */
export function packClusters(clusters: Clusters): string {
  const text = createTextWriter()
  const none = clusters.finished.map(() => 0)
  const lists = CLUSTER_LISTS.map(({ name }) =>
    name === 'latencyMs' ? clusters.latencyMs.map((ms) => Math.round(ms * 1_000)) : (clusters[name] ?? none),
  )
  const predictions = clusters.predictions.slice(0, CLASS_ROWS)
  text.count(predictions.length)
  CLUSTER_LISTS.forEach(({ like }, at) => {
    writePlaces(text, lists[at]!, like === undefined ? undefined : lists[like])
  })
  let rest = lists[PREDICTED]!
  for (const [label, row] of predictions) {
    text.name(label)
    writePlaces(text, row, rest)
    rest = without(rest, row)
  }
  return text.sealed(CLUSTERS_FORM)
}

/** Reads packed clusters from a text that may come from anywhere; `undefined` if they cannot be read. */
export function readClusters(from: TextReader, batch: CellBatch, text: string): ReadClusters | undefined {
  if (!openText(from, text, CLUSTERS_FORM)) return undefined
  const labels = readNames(from, readCount(from, CLASS_ROWS))
  if (labels === undefined || !areRising(labels)) return undefined
  const lists: (readonly number[])[] = []
  for (const { like, most } of CLUSTER_LISTS) {
    const reference = like === undefined ? undefined : lists[like]
    lists.push(readPlaces(from, batch, { places: CLUSTER_COUNT, reference, most }))
  }
  let rest = lists[PREDICTED]!
  const rows = labels.map(() => {
    const row = readPlaces(from, batch, { places: CLUSTER_COUNT, reference: rest, most: LARGEST_COUNT })
    rest = without(rest, row)
    return row
  })
  return isComplete(from) ? { lists, labels, rows } : undefined
}

/** Returns what is left of the counts of all places. */
const without = (counts: readonly number[], taken: readonly number[]): readonly number[] =>
  counts.map((count, place) => count - taken[place]!)
