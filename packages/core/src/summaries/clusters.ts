import { type CountsByPlace, mergeCountsByPlace } from './counts-by-place.js'

/** The number of clusters. */
export const CLUSTER_COUNT = 64

/**
 * Sums of the baseline's flights by the hash of the routing key, in 64 clusters, since the process began.
 *
 * The labels of `predictions` are the first twelve that occurred.
 */
export type Clusters = CountsByPlace

/**
 * Returns 32-bit FNV-1a over the first UTF-16 units of a key, by default all of them: the same on every machine,
 * independent of the routing bucket.
 */
export function hashOfKey(key: string, length: number = key.length): number {
  let hash = 0x811c9dc5 | 0
  for (let at = 0; at < length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
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
export const mergeClusters = (a: Clusters, b: Clusters): Clusters => mergeCountsByPlace(a, b)
