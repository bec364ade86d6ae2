import { OUTCOMES } from '../foundation/vocabulary.js'
import type { Moments } from '../statistics/moments.js'
import { type AnswerCounts, answersOf } from '../summaries/answer-counts.js'
import { countInto, createBins, type SparseBins, sparseBinsOf } from '../summaries/histogram.js'
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
const METRICS = SCORE + 3

const REJECTED = /* @__PURE__ */ OUTCOMES.indexOf('rejected')

/** The live counts of one variant in one window, in fixed memory and updated in place. */
export interface Aggregate {
  /** Counts and moments, as doubles so that they can exceed 2³² calls. */
  readonly sums: Float64Array
  readonly latencyBins: Uint32Array
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

/** Creates an empty aggregate for the given numbers of labels and metrics. */
export function createAggregate(places: { readonly labels: number; readonly metrics: number }): Aggregate {
  return {
    sums: new Float64Array(METRICS + 3 * places.metrics),
    latencyBins: createBins(),
    scoreBins: null,
    labels: new Uint32Array(places.labels + 1),
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
  const { sums, latencyBins, labels } = into
  sums[OUTCOME + call.outcome]! += 1
  if (call.bin >= 0) {
    addValue(sums, LATENCY, call.values, DURATION_VALUE)
    countInto(latencyBins, call.bin)
  }
  if (call.isBlockedKnown) addValue(sums, BLOCKED, call.values, BLOCKED_VALUE)
  if (call.labelSlot >= 0) countInto(labels, call.labelSlot)
  if (call.hasScore) {
    addValue(sums, SCORE, call.values, SCORE_VALUE)
    into.scoreBins ??= createScoreBins()
    countInto(into.scoreBins, call.scoreBin)
  }
  addMetrics(sums, call)
}

/** Adds only the business metrics of a call. */
export function addMetrics(sums: Aggregate['sums'], call: Measurement): void {
  for (let i = 0; i < call.metricCount; i++) {
    addValue(sums, METRICS + 3 * call.metricSlots[i]!, call.values, METRIC_VALUES + i)
  }
}

/** Adds all counts of another aggregate with the same slots. */
export function addAggregate(into: Aggregate, from: Aggregate): void {
  for (let place = 0; place < from.sums.length; place++) into.sums[place]! += from.sums[place]!
  addBins(into.latencyBins, from.latencyBins)
  addBins(into.labels, from.labels)
  if (from.scoreBins === null) return
  into.scoreBins ??= createScoreBins()
  addBins(into.scoreBins, from.scoreBins)
}

function addBins(into: Uint32Array, from: Uint32Array): void {
  for (let bin = 0; bin < from.length; bin++) if (from[bin]! > 0) countInto(into, bin, from[bin])
}

/** Subtracts an earlier copy of the same aggregate, which leaves the counts since then. */
export function subtractAggregate(from: Aggregate, earlier: Aggregate): void {
  subtractEach(from.sums, earlier.sums)
  subtractEach(from.latencyBins, earlier.latencyBins)
  subtractEach(from.labels, earlier.labels)
  if (from.scoreBins !== null && earlier.scoreBins !== null) subtractEach(from.scoreBins, earlier.scoreBins)
}

function subtractEach(from: Float64Array | Uint32Array, earlier: Float64Array | Uint32Array): void {
  for (let place = 0; place < earlier.length; place++) from[place]! -= earlier[place]!
}

/** Empties an aggregate and keeps its memory. */
export function clearAggregate({ sums, latencyBins, scoreBins, labels }: Aggregate): void {
  scoreBins?.fill(0)
  sums.fill(0)
  latencyBins.fill(0)
  labels.fill(0)
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

/** Returns whether anything was counted. */
export const hasCounts = ({ sums }: Pick<Aggregate, 'sums'>): boolean => sums.some((sum) => sum !== 0)

/**
 * Returns the JSON form of an aggregate, with these ages of pending calls. Bins that have not changed since `before` are
 * those of `before`.
 */
export function toSummary(
  aggregate: Aggregate,
  names: SlotNames,
  pendingBins: SparseBins = [],
  before?: Summary,
): Summary {
  const { sums, scoreBins } = aggregate
  const scores = scoreBins === null ? [] : sparseBinsOf(scoreBins, before?.scoreBins, sums[SCORE])
  const latencyBins = sparseBinsOf(aggregate.latencyBins, before?.latencyBins, sums[LATENCY])
  return withScoreBins({ ...countsIn(aggregate, names), latencyBins, pendingBins }, scores)
}

/** Returns the same without durations and scores by bin: to list them takes longest. */
export function countsIn({ sums, labels }: Pick<Aggregate, 'sums' | 'labels'>, names: SlotNames): Summary {
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
    metrics: pairsOf(names.metrics, (slot) => {
      const at = METRICS + 3 * slot
      return sums[at]! > 0 ? momentsAt(sums, at) : undefined
    }),
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
