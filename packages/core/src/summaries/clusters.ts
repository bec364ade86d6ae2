import { addCounts, mergePairs, type SortedPairs } from './counts.js'

/** How many clusters there are. */
export const CLUSTER_COUNT = 64

/**
 * What the baseline did, by the hash of the routing key in 64 places: sums only, no key is kept.
 *
 * Cumulative, and mergeable by addition. Every list has one number for each cluster. Plain JSON.
 */
export interface Clusters {
  /** Flights that ended, or were aborted; calls that are no evidence about the model are left out. */
  readonly finished: readonly number[]
  /** Of those, all but the aborted. */
  readonly answered: readonly number[]
  /** Errors and timeouts. */
  readonly errors: readonly number[]
  readonly timeouts: readonly number[]
  readonly aborted: readonly number[]
  /** Decided calls, and those of them that are unanswered; left out by clusters that were stored before these were counted. */
  readonly decided?: readonly number[]
  readonly unanswered?: readonly number[]
  /** The durations of the answered flights, added up. */
  readonly latencyMs: readonly number[]
  /** Predictions of the first twelve labels that came, sorted by label. */
  readonly predictions: SortedPairs<string, readonly number[]>
  /** All predictions, also those of labels that came later. */
  readonly predicted: readonly number[]
}

/** FNV-1a in 32 bits over a key's UTF-16 units: the same everywhere, and independent of the key's routing bucket. */
export function hashOfKey(key: string): number {
  let hash = 0x811c9dc5 | 0
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return hash
}

/**
 * The cluster 0…63 of a key's hash.
 *
 * Its halves are folded: the low bits alone would be a hash of the units' low bits alone, and put most Chinese names into
 * a few clusters.
 *
 * Fowler, Noll and Vo; Eastlake et al. (2024), The FNV Non-Cryptographic Hash Algorithm, on xor folding.
 */
export function clusterOfHash(hash: number): number {
  return (hash ^ (hash >>> 16)) & (CLUSTER_COUNT - 1)
}

/** The cluster 0…63 of a key. */
export const clusterOf = (key: string): number => clusterOfHash(hashOfKey(key))

/** Both together: two replicas, or two lives of one process. */
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
