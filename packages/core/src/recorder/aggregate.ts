import { OUTCOMES } from '../foundation/vocabulary.js'
import type { Moments } from '../statistics/moments.js'
import { type AnswerCounts, answersOf } from '../summaries/answer-counts.js'
import { BIN_COUNT, countInto, sparseBinsOf } from '../summaries/histogram.js'
import type { NameTable } from '../summaries/name-table.js'
import { createScoreBins } from '../summaries/score-bins.js'
import type { SortedPairs } from '../summaries/sorted-pairs.js'
import { outcomesOf, type Summary, withLeftOut, withScoreBins } from '../summaries/summary.js'
import { BLOCKED_VALUE, DURATION_VALUE, METRIC_VALUES, type Measurement, SCORE_VALUE } from './measurement.js'

/** The index of each quantity in `sums`. Moments take three places: count, sum, sum of squares. */
const BEGUN = 0
const OUTCOME = 1
const DECIDED = OUTCOME + OUTCOMES.length
const UNANSWERED = DECIDED + 1
const ENDED_UNANSWERED = UNANSWERED + 1
const LEFT_EARLY = ENDED_UNANSWERED + 1
const CALLERS = LEFT_EARLY + 1
const REJECTED_CALLERS = CALLERS + 1
const LEFT_OUT = REJECTED_CALLERS + 1
const LATENCY = LEFT_OUT + 1
const BLOCKED = LATENCY + 3
const SCORE = BLOCKED + 3
const SUMS = SCORE + 3

const REJECTED = /* @__PURE__ */ OUTCOMES.indexOf('rejected')

/** The live counts of one variant in one window, updated in place. Their memory does not depend on the number of calls. */
export interface Aggregate {
  /** Counts and moments, as doubles so that they can exceed 2³² calls. */
  readonly sums: Float64Array
  /** Moments of the business metrics by slot, up to the highest slot that was used: most models have few or none. */
  metrics: Float64Array
  /** Latencies by bin, up to that of the longest one: most models are far from the last bin. */
  latencyBins: Uint32Array
  /** Scores by bin; `null` before the first score, since most models have none. */
  scoreBins: Uint32Array | null
  /** Predictions by the slot of their label; the last slot is "other". */
  readonly labels: Uint32Array
}

/** The names of the slots of an aggregate, and their order. */
export interface SlotNames {
  readonly labels: Pick<NameTable, 'names' | 'rising'>
  readonly metrics: Pick<NameTable, 'names' | 'rising'>
}

const noMetrics = /* @__PURE__ */ new Float64Array(0)
const noBins = /* @__PURE__ */ new Uint32Array(0)

/** The bins of latencies grow by this many, four octaves, so that they grow seldom. */
const GROWTH = 256

/** Creates an empty aggregate for a number of labels. */
export function createAggregate(labels: number): Aggregate {
  const atLabels = 8 * SUMS
  const buffer = new ArrayBuffer(atLabels + 4 * (labels + 1)) // one for both: each would take memory of its own
  return {
    sums: new Float64Array(buffer, 0, SUMS),
    metrics: noMetrics,
    latencyBins: noBins,
    scoreBins: null,
    labels: new Uint32Array(buffer, atLabels),
  }
}

/** Counts an opened call. */
export function addBegun({ sums }: Aggregate): void {
  sums[BEGUN]! += 1
}

/** Counts a begun call of a heavy user, which is left out of the comparison. */
export function addLeftOut({ sums }: Aggregate): void {
  sums[LEFT_OUT]! += 1
}

/** An event about a call's answer; it determines which sums increase. */
export type AnswerEvent = 'answered' | 'overdue' | 'ended-overdue' | 'ended-unanswered' | 'left-early' | 'none'

/** Counts an event about a call's answer. */
export function addAnswer({ sums }: Aggregate, event: AnswerEvent): void {
  if (event === 'none') return
  if (event === 'left-early') {
    sums[LEFT_EARLY]! += 1
    return
  }
  if (event !== 'ended-overdue') sums[DECIDED]! += 1
  if (event === 'overdue' || event === 'ended-unanswered') sums[UNANSWERED]! += 1
  if (event === 'ended-overdue' || event === 'ended-unanswered') sums[ENDED_UNANSWERED]! += 1
}

/**
 * Counts a finished call and the event about its answer. This is the hot path: it allocates nothing.
 *
 * @param isNew whether the call was not counted when it began
 * @param isNewCaller whether its caller was not counted yet
 */
export function addCall(
  into: Aggregate,
  call: Measurement,
  event: AnswerEvent,
  isNew: boolean,
  isNewCaller: boolean,
): void {
  addMeasurement(into, call)
  addAnswer(into, event)
  if (isNew) addBegun(into)
  if (!isNewCaller) return
  into.sums[CALLERS]! += 1
  if (call.outcome === REJECTED) into.sums[REJECTED_CALLERS]! += 1
}

function addMeasurement(into: Aggregate, call: Measurement): void {
  const { sums, labels } = into
  sums[OUTCOME + call.outcome]! += 1
  if (call.bin >= 0) {
    addValue(sums, LATENCY, call.values, DURATION_VALUE)
    makeRoomForBins(into, call.bin + 1)
    countInto(into.latencyBins, call.bin)
  }
  if (call.isBlockedKnown) addValue(sums, BLOCKED, call.values, BLOCKED_VALUE)
  if (call.labelSlot >= 0) countInto(labels, call.labelSlot)
  if (call.hasScore) {
    addValue(sums, SCORE, call.values, SCORE_VALUE)
    into.scoreBins ??= createScoreBins()
    countInto(into.scoreBins, call.scoreBin)
  }
  addMetrics(into, call)
}

/** Adds only the business metrics of a call. */
export function addMetrics(into: Aggregate, call: Measurement): void {
  for (let i = 0; i < call.metricCount; i++) {
    const at = 3 * call.metricSlots[i]!
    makeRoom(into, at + 3)
    addValue(into.metrics, at, call.values, METRIC_VALUES + i)
  }
}

/** Makes room for metrics, if there is less than this. */
export function makeRoom(into: Aggregate, length: number): void {
  if (into.metrics.length >= length) return
  const metrics = new Float64Array(length)
  metrics.set(into.metrics)
  into.metrics = metrics
}

/** Makes room for bins of latencies, if there are fewer than this. */
export function makeRoomForBins(into: Aggregate, length: number): void {
  if (into.latencyBins.length >= length) return
  const latencyBins = new Uint32Array(Math.min(Math.ceil(length / GROWTH) * GROWTH, BIN_COUNT))
  latencyBins.set(into.latencyBins)
  into.latencyBins = latencyBins
}

/** Empties an aggregate and keeps its memory. */
export function clearAggregate({ sums, metrics, latencyBins, scoreBins, labels }: Aggregate): void {
  for (const counts of [sums, metrics, latencyBins, labels]) counts.fill(0)
  scoreBins?.fill(0)
}

/** Moves label counts to their new slots; several labels may move to "other". */
export function moveLabels({ labels }: Aggregate, slotAfter: readonly number[]): void {
  const before = labels.slice()
  labels.fill(0)
  before.forEach((count, slot) => {
    countInto(labels, slotAfter[slot]!, count)
  })
}

/** Returns the answer counts of an aggregate. */
export function answersIn({ sums }: Pick<Aggregate, 'sums'>): AnswerCounts {
  return answersOf((name) => sums[ANSWER_PLACES[name]]!)
}

/** Returns the JSON form of an aggregate. Bins that have not changed since `before` are those of `before`. */
export function toSummary(aggregate: Aggregate, names: SlotNames, before?: Summary): Summary {
  const { sums, scoreBins } = aggregate
  const scores = scoreBins === null ? [] : sparseBinsOf(scoreBins, before?.scoreBins, sums[SCORE])
  const latencyBins = sparseBinsOf(aggregate.latencyBins, before?.latencyBins, sums[LATENCY])
  return withScoreBins({ ...countsIn(aggregate, names), latencyBins }, scores)
}

/** Returns the same without durations and scores by bin: to list them takes longest. */
export function countsIn({ sums, metrics, labels }: Aggregate, names: SlotNames): Summary {
  const summary = {
    begun: sums[BEGUN]!,
    outcomes: outcomesOf((name) => sums[OUTCOME_PLACES[name]]!),
    answers: answersIn({ sums }),
    rejections: { callers: sums[CALLERS]!, rejected: sums[REJECTED_CALLERS]! },
    latencyUs: momentsAt(sums, LATENCY),
    latencyBins: [],
    blockedUs: momentsAt(sums, BLOCKED),
    pendingBins: [],
    predictions: {
      labels: pairsOf(names.labels, (slot) => (labels[slot]! > 0 ? labels[slot] : undefined)),
      other: labels.at(-1)!,
    },
    score: momentsAt(sums, SCORE),
    metrics: pairsOf(names.metrics, (slot) => (metrics[3 * slot]! > 0 ? momentsAt(metrics, 3 * slot) : undefined)),
  }
  return withLeftOut(summary, sums[LEFT_OUT]!)
}

const OUTCOME_PLACES = /* @__PURE__ */ outcomesOf((name) => OUTCOME + OUTCOMES.indexOf(name))

const ANSWER_PLACES: Readonly<Record<keyof AnswerCounts, number>> = {
  decided: DECIDED,
  unanswered: UNANSWERED,
  ended: ENDED_UNANSWERED,
  leftEarly: LEFT_EARLY,
}

/** Reads the number from its array: a separate argument might be allocated on the heap. */
function addValue(sums: Float64Array, at: number, values: Float64Array, place: number): void {
  const value = values[place]!
  sums[at]! += 1
  sums[at + 1]! += value
  sums[at + 2]! += value * value
}

function momentsAt(sums: Float64Array, at: number): Moments {
  return { count: sums[at]!, sum: sums[at + 1]!, sumOfSquares: sums[at + 2]! }
}

/** Returns the values of the names that have one, by name. */
function pairsOf<Value>(
  { names, rising }: SlotNames['labels'],
  contentOf: (slot: number) => Value | undefined,
): SortedPairs<string, Value> {
  const pairs: (readonly [string, Value])[] = []
  for (const slot of rising) {
    const value = contentOf(slot)
    if (value !== undefined) pairs.push([names[slot]!, value])
  }
  return pairs
}
