import { CLUSTER_COUNT, type Clusters, clusterOfHash } from '../summaries/clusters.js'
import type { NameTable } from '../summaries/name-table.js'
import type { AnswerEvent } from './aggregate.js'
import { createClassRows } from './class-rows.js'
import type { Measurement } from './measurement.js'
import { createPlaceCounts } from './place-counts.js'

/** The live counts by cluster, in fixed memory, updated in place and never reset. */
export interface ClusterCounts {
  readonly byteLength: number
  /** Counts a finished call and its answer event by the hash of its key. This is the hot path: it allocates nothing. */
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
  const rows = createClassRows(labels)
  const counts = createPlaceCounts({ places: CLUSTER_COUNT, rows, capUs: Number.POSITIVE_INFINITY })
  return {
    byteLength: counts.byteLength + rows.byteLength,
    add: (hash, call, event) => counts.add(clusterOfHash(hash), call, event),
    decide: (hash, event) => counts.decide(clusterOfHash(hash), event),
    forgetSlots: rows.forgetSlots,
    read: () => (counts.isEmpty() ? null : counts.read()),
  }
}
