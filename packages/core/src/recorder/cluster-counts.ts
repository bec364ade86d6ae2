import { OUTCOMES, type Outcome } from '../foundation/vocabulary.js'
import { CLUSTER_COUNT, type Clusters, clusterOfHash } from '../summaries/clusters.js'
import { countInto } from '../summaries/histogram.js'
import type { AnswerEvent } from './aggregate.js'
import { CLASS_ROWS, createClassRows, NO_ROW } from './class-rows.js'
import { DURATION_VALUE, type Measurement } from './measurement.js'
import type { NameTable } from './name-table.js'

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
  const outcomes = new Float64Array(OUTCOMES.length * CLUSTER_COUNT)
  const answers = new Float64Array(2 * CLUSTER_COUNT) // decided, then unanswered
  const durationsUs = new Float64Array(CLUSTER_COUNT)
  const predictions = new Uint32Array((CLASS_ROWS + 1) * CLUSTER_COUNT) // the last row has all labels
  const rows = createClassRows(labels)

  const countAnswer = (cluster: number, event: AnswerEvent): void => {
    if (event === 'none' || event === 'left-early' || event === 'ended-overdue') return
    answers[cluster]! += 1
    if (event !== 'answered') answers[CLUSTER_COUNT + cluster]! += 1
  }

  return {
    byteLength: [outcomes, answers, durationsUs, predictions, rows].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    ),
    add(hash, { outcome, bin, values, labelSlot }, event) {
      const cluster = clusterOfHash(hash)
      countAnswer(cluster, event)
      outcomes[outcome * CLUSTER_COUNT + cluster]! += 1
      if (bin >= 0) durationsUs[cluster]! += values[DURATION_VALUE]!
      if (labelSlot < 0) return
      const row = rows.rowOf(labelSlot)
      if (row !== NO_ROW) countInto(predictions, row * CLUSTER_COUNT + cluster)
      countInto(predictions, CLASS_ROWS * CLUSTER_COUNT + cluster)
    },
    decide(hash, event) {
      countAnswer(clusterOfHash(hash), event)
    },
    forgetSlots: rows.forgetSlots,
    read() {
      if (outcomes.every((count) => count === 0) && answers.every((count) => count === 0)) return null
      return {
        ...finishedIn(outcomes),
        decided: listAt(answers, 0),
        unanswered: listAt(answers, 1),
        latencyMs: Array.from(durationsUs, (us) => us / 1000),
        predictions: rows.names
          .map((name, row) => [name, listAt(predictions, row)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
        predicted: listAt(predictions, CLASS_ROWS),
      }
    },
  }
}

/** Returns the finished calls of each cluster by how they ended. A timeout is also an error. */
function finishedIn(
  outcomes: Float64Array,
): Pick<Clusters, 'finished' | 'answered' | 'errors' | 'timeouts' | 'aborted'> {
  const of = (outcome: Outcome) => listAt(outcomes, OUTCOMES.indexOf(outcome))
  const [success, error, timeouts, aborted] = [of('success'), of('error'), of('timeout'), of('aborted')]
  const errors = error.map((count, cluster) => count + timeouts[cluster]!)
  const answered = errors.map((count, cluster) => count + success[cluster]!)
  const finished = answered.map((count, cluster) => count + aborted[cluster]!)
  return { finished, answered, errors, timeouts, aborted }
}

function listAt(counts: Float64Array | Uint32Array, row: number): readonly number[] {
  return Array.from(counts.subarray(row * CLUSTER_COUNT, (row + 1) * CLUSTER_COUNT))
}
