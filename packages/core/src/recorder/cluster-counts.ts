import type { Writable } from '../foundation/writable.js'
import { CLUSTER_COUNT, type Clusters, clusterOfHash } from '../summaries/clusters.js'
import type { NameTable } from '../summaries/name-table.js'
import type { AnswerEvent } from './aggregate.js'
import { type ClassRows, createClassRows } from './class-rows.js'
import type { Measurement } from './measurement.js'
import { createPlaceCounts, type PlaceCounts } from './place-counts.js'

/** The live counts by cluster, updated in place and never reset. Memory is taken for the first call with a key. */
export interface ClusterCounts {
  readonly byteLength: number
  /**
   * Counts a finished call and its answer event by the hash of its key. This is the hot path: it allocates nothing but at
   * the first call.
   */
  add(hash: number, call: Measurement, event: AnswerEvent): void
  /** Counts an answer event of a pending call. */
  decide(hash: number, event: AnswerEvent): void
  /** Must be called when labels have changed their slots. */
  forgetSlots(): void
  /** Returns the JSON form, or `null` if nothing was counted. */
  read(): Clusters | null
}

/** Creates empty counts. Labels are distinguished by their slots in `labels`. */
export function createClusterCounts(labels: NameTable): ClusterCounts {
  let rows: ClassRows | undefined
  let counts: PlaceCounts | undefined

  const open = (): PlaceCounts => {
    rows = createClassRows(labels)
    counts = createPlaceCounts({ places: CLUSTER_COUNT, rows, capUs: Number.POSITIVE_INFINITY })
    clusters.byteLength = counts.byteLength + rows.byteLength
    return counts
  }

  const clusters: Writable<ClusterCounts> = {
    byteLength: 0,
    add: (hash, call, event) => (counts ?? open()).add(clusterOfHash(hash), call, event),
    decide: (hash, event) => (counts ?? open()).decide(clusterOfHash(hash), event),
    forgetSlots: () => rows?.forgetSlots(),
    read: () => counts?.read() ?? null,
  }
  return clusters
}
