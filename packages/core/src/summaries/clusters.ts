import { addCounts, mergePairs, type SortedPairs } from './sorted-pairs.js'

/** The number of clusters. */
export const CLUSTER_COUNT = 64

/**
 * Sums of the baseline's flights by the hash of the routing key, in 64 clusters. Keys are not kept.
 *
 * Cumulative, and mergeable by addition. Every list has one number for each cluster. Plain JSON.
 */
export interface Clusters {
  /** Flights that ended or were aborted; calls that do not count as evidence about the model are left out. */
  readonly finished: readonly number[]
  /** The finished flights without the aborted ones. */
  readonly answered: readonly number[]
  /** Errors and timeouts. */
  readonly errors: readonly number[]
  /** Timeouts of each cluster. */
  readonly timeouts: readonly number[]
  /** Aborted calls of each cluster. */
  readonly aborted: readonly number[]
  /** Decided calls, and the unanswered ones of them; missing in data stored by versions that did not count them. */
  readonly decided?: readonly number[]
  /** Unanswered calls of each cluster. */
  readonly unanswered?: readonly number[]
  /** The total duration of the answered flights. */
  readonly latencyMs: readonly number[]
  /** Predictions of the first twelve labels that occurred, sorted by label. */
  readonly predictions: SortedPairs<string, readonly number[]>
  /** All predictions, including those of later labels. */
  readonly predicted: readonly number[]
}

/** Returns 32-bit FNV-1a over a key's UTF-16 units: the same on every machine, independent of the routing bucket. */
export function hashOfKey(key: string): number {
  let hash = 0x811c9dc5 | 0
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return hash
}

/**
 * Returns the cluster 0…63 of a key's hash.
 *
 * The halves of the hash are folded: its low bits depend only on the low bits of the units, and would put most Chinese
 * names into a few clusters.
 *
 * Fowler, Noll and Vo; Eastlake et al. (2024), The FNV Non-Cryptographic Hash Algorithm, on xor folding.
 */
export function clusterOfHash(hash: number): number {
  return (hash ^ (hash >>> 16)) & (CLUSTER_COUNT - 1)
}

/** Returns the cluster 0…63 of a key. */
export const clusterOf = (key: string): number => clusterOfHash(hashOfKey(key))

/** Returns the sum of two clusters, of two replicas or of two runs of one process. */
export function mergeClusters(a: Clusters, b: Clusters): Clusters {
  return {
    finished: addLists(a.finished, b.finished),
    answered: addLists(a.answered, b.answered),
    errors: addLists(a.errors, b.errors),
    timeouts: addLists(a.timeouts, b.timeouts),
    aborted: addLists(a.aborted, b.aborted),
    decided: addLists(a.decided ?? noCalls, b.decided ?? noCalls),
    unanswered: addLists(a.unanswered ?? noCalls, b.unanswered ?? noCalls),
    latencyMs: addLists(a.latencyMs, b.latencyMs),
    predictions: mergePairs(a.predictions, b.predictions, addLists),
    predicted: addLists(a.predicted, b.predicted),
  }
}

const noCalls: readonly number[] = /* @__PURE__ */ Array.from({ length: CLUSTER_COUNT }, () => 0)

function addLists(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, cluster) => addCounts(value, b[cluster]!))
}
