import { LONGEST_NAME } from '../foundation/options.js'
import { OUTCOMES, type Outcome } from '../foundation/vocabulary.js'
import { CLUSTER_COUNT, type Clusters, clusterOfHash } from '../summaries/clusters.js'
import { countInto } from '../summaries/histogram.js'
import type { AnswerEvent } from './aggregate.js'
import { DURATION_VALUE, type Measurement } from './measurement.js'
import type { NameTable } from './name-table.js'

/** The number of predicted classes with their own row: the first ones that occur. */
const ROWS = 12

/** Stands for a label without a row, and for a slot whose label has not been looked up. */
const NO_ROW = ROWS
const UNKNOWN = -1

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
  const predictions = new Uint32Array((ROWS + 1) * CLUSTER_COUNT) // the last row has all labels
  const rowOfSlot = new Int8Array(labels.capacity + 1).fill(UNKNOWN)
  const names: string[] = []
  let isFull = false

  return {
    byteLength:
      outcomes.byteLength +
      answers.byteLength +
      durationsUs.byteLength +
      predictions.byteLength +
      rowOfSlot.byteLength +
      ROWS * LONGEST_NAME * 2,
    add(hash, { outcome, bin, values, labelSlot }, event) {
      const cluster = clusterOfHash(hash)
      countAnswer(cluster, event)
      outcomes[outcome * CLUSTER_COUNT + cluster]! += 1
      if (bin >= 0) durationsUs[cluster]! += values[DURATION_VALUE]!
      if (labelSlot < 0) return
      if (rowOfSlot[labelSlot] === UNKNOWN) rowOfSlot[labelSlot] = rowFor(labels.names[labelSlot])
      const row = rowOfSlot[labelSlot]!
      if (row < NO_ROW) countInto(predictions, row * CLUSTER_COUNT + cluster)
      countInto(predictions, ROWS * CLUSTER_COUNT + cluster)
    },
    decide(hash, event) {
      countAnswer(clusterOfHash(hash), event)
    },
    forgetSlots() {
      rowOfSlot.fill(UNKNOWN)
    },
    read() {
      return outcomes.some((count) => count > 0) || answers.some((count) => count > 0) ? toClusters() : null
    },
  }

  function countAnswer(cluster: number, event: AnswerEvent): void {
    if (event === 'none' || event === 'left-early' || event === 'ended-overdue') return
    answers[cluster]! += 1
    if (event !== 'answered') answers[CLUSTER_COUNT + cluster]! += 1
  }

  /** Returns the row of a label. Once "other" was used, new labels get no row: they may have been counted there. */
  function rowFor(name: string | undefined): number {
    if (name === undefined) {
      isFull = true
      return NO_ROW
    }
    const row = names.indexOf(name)
    if (row >= 0) return row
    if (isFull || names.length === ROWS) return NO_ROW
    return names.push(name) - 1
  }

  function toClusters(): Clusters {
    const of = (outcome: Outcome) => listAt(outcomes, OUTCOMES.indexOf(outcome))
    const [success, error, timeouts, aborted] = [of('success'), of('error'), of('timeout'), of('aborted')]
    const errors = error.map((count, cluster) => count + timeouts[cluster]!)
    const answered = errors.map((count, cluster) => count + success[cluster]!)
    return {
      finished: answered.map((count, cluster) => count + aborted[cluster]!),
      answered,
      errors,
      timeouts,
      aborted,
      decided: listAt(answers, 0),
      unanswered: listAt(answers, 1),
      latencyMs: Array.from(durationsUs, (us) => us / 1000),
      predictions: names
        .map((name, row) => [name, listAt(predictions, row)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
      predicted: listAt(predictions, ROWS),
    }
  }
}

function listAt(counts: Float64Array | Uint32Array, row: number): readonly number[] {
  return Array.from(counts.subarray(row * CLUSTER_COUNT, (row + 1) * CLUSTER_COUNT))
}
