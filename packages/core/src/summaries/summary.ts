import { OUTCOMES, type Outcome } from '../foundation/vocabulary.js'
import { type Moments, mergeMoments, noMoments, subtractMoments } from '../statistics/moments.js'
import { type AnswerCounts, addAnswers, noAnswers, subtractAnswers } from './answer-counts.js'
import { mergeBins, type SparseBins, subtractBins } from './histogram.js'
import { addCounts, isZero, mergePairs, type SortedPairs, subtractCounts, subtractPairs } from './sorted-pairs.js'

/** The number of predictions of each class. Labels are bounded in number and length. */
export interface PredictionCounts {
  /** Counts by label, sorted by label, so that equal contents have equal JSON. */
  readonly labels: SortedPairs<string, number>
  /** Predictions beyond the labels that are kept. */
  readonly other: number
}

/** Callers in a window, and callers with a rejected call. A key counts at most once for accepted and for rejected. */
export interface RejectionCounts {
  /** Callers that made a call, each once. */
  readonly callers: number
  /** Callers whose call was rejected, each once. */
  readonly rejected: number
}

/** Counts without callers. */
export const noRejections: RejectionCounts = /* @__PURE__ */ Object.freeze({ callers: 0, rejected: 0 })

/**
 * The counts of one variant's observations in one window: a plain, mergeable JSON aggregate.
 *
 * Counts are integers; durations are whole microseconds. Summaries of replicas, and of successive
 * blocks, merge by addition.
 */
export interface Summary {
  /** Flights that were opened and belong to this window. */
  readonly begun: number
  /**
   * Begun flights of heavy users, which are left out of the comparison and of all other counts of a step; left out if
   * there were none.
   */
  readonly leftOut?: number
  /** Finished flights by outcome. */
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Whether callers got an answer. */
  readonly answers: AnswerCounts
  /** Callers whose calls the model rejected because of their input. */
  readonly rejections: RejectionCounts
  /** Durations in microseconds, of every flight that ended with `success`, `error` or `timeout`. */
  readonly latencyUs: Moments
  /** The same durations, by histogram bin. */
  readonly latencyBins: SparseBins
  /** How long calls blocked the event loop from their start to their first await, in microseconds. */
  readonly blockedUs: Moments
  /** Ages in microseconds of the flights pending when the summary was taken, by histogram bin. */
  readonly pendingBins: SparseBins
  /** Counts of the predicted classes. */
  readonly predictions: PredictionCounts
  /** Sums over the scores. */
  readonly score: Moments
  /**
   * The same scores by bin of `scoreBinOf`; left out without scores, and by a source that knows only their sums. Without
   * it, a change of their distribution that leaves the mean as it is cannot be seen.
   */
  readonly scoreBins?: SparseBins
  /** Business metrics by name, sorted by name. */
  readonly metrics: SortedPairs<string, Moments>
}

/** Returns a summary without observations. */
export function emptySummary(): Summary {
  return {
    begun: 0,
    outcomes: noOutcomes,
    answers: noAnswers,
    rejections: noRejections,
    latencyUs: noMoments,
    latencyBins: [],
    blockedUs: noMoments,
    pendingBins: [],
    predictions: { labels: [], other: 0 },
    score: noMoments,
    metrics: [],
  }
}

/** Returns the sum of two summaries: of two replicas, or of two blocks of the same step. */
export function mergeSummaries(a: Summary, b: Summary): Summary {
  const merged = {
    begun: a.begun + b.begun,
    outcomes: outcomesOf((outcome) => countOf(a, outcome) + countOf(b, outcome)),
    answers: addAnswers(answerCountsOf(a), answerCountsOf(b)),
    rejections: addRejections(a.rejections ?? noRejections, b.rejections ?? noRejections, 1),
    latencyUs: mergeMoments(a.latencyUs, b.latencyUs),
    latencyBins: mergeBins(a.latencyBins, b.latencyBins),
    blockedUs: mergeMoments(a.blockedUs ?? noMoments, b.blockedUs ?? noMoments),
    pendingBins: mergeBins(a.pendingBins, b.pendingBins),
    predictions: {
      labels: mergePairs(a.predictions.labels, b.predictions.labels, addCounts),
      other: a.predictions.other + b.predictions.other,
    },
    score: mergeMoments(a.score, b.score),
    metrics: mergePairs(a.metrics, b.metrics, mergeMoments),
  }
  return withLeftOut(withScoreBins(merged, combinedBins(a, b, mergeBins)), leftOutOf(a) + leftOutOf(b))
}

/** Returns the begun flights of heavy users. */
export const leftOutOf = ({ leftOut = 0 }: Pick<Summary, 'leftOut'>): number => leftOut

/** Returns a summary with this number of begun flights of heavy users; without it if there are none. */
export function withLeftOut(summary: Summary, leftOut: number): Summary {
  if (leftOut === 0) return summary
  const { begun, ...others } = summary
  return { begun, leftOut, ...others }
}

/** Returns the scores by bin; `undefined` if there are scores without bins. */
export const scoreBinsOf = ({ scoreBins, score }: Pick<Summary, 'score' | 'scoreBins'>): SparseBins | undefined =>
  scoreBins ?? (score.count === 0 ? [] : undefined)

/** Returns a summary with these scores by bin; without them if there are none. */
export const withScoreBins = (summary: Omit<Summary, 'scoreBins'>, scoreBins: SparseBins = []): Summary =>
  scoreBins.length === 0 ? summary : { ...summary, scoreBins }

/** Returns the scores of two summaries by bin; `undefined` if one of them does not know the bins. */
function combinedBins(
  a: Summary,
  b: Summary,
  combine: (a: SparseBins, b: SparseBins) => SparseBins | undefined,
): SparseBins | undefined {
  const [binsOfA, binsOfB] = [scoreBinsOf(a), scoreBinsOf(b)]
  return binsOfA && binsOfB && combine(binsOfA, binsOfB)
}

/**
 * Returns the block between two cumulative summaries of one source, with the pending flights of `now`.
 * `undefined` if a count fell, which means that the source was reset in between.
 */
export function subtractSummaries(now: Summary, before: Summary): Summary | undefined {
  const latencyUs = subtractMoments(now.latencyUs, before.latencyUs)
  const latencyBins = subtractBins(now.latencyBins, before.latencyBins)
  const labels = subtractPairs(now.predictions.labels, before.predictions.labels, subtractCounts, isZero)
  const score = subtractMoments(now.score, before.score)
  const [binsNow, binsBefore] = [scoreBinsOf(now), scoreBinsOf(before)]
  if (binsNow && binsBefore && subtractBins(binsNow, binsBefore) === undefined) return undefined
  const metrics = subtractPairs(now.metrics, before.metrics, subtractMoments, ({ count }) => count === 0)
  const blockedUs = subtractMoments(now.blockedUs ?? noMoments, before.blockedUs ?? noMoments)
  const answers = subtractAnswers(answerCountsOf(now), answerCountsOf(before))
  const rejections = addRejections(now.rejections ?? noRejections, before.rejections ?? noRejections, -1)
  if (rejections.callers < 0 || rejections.rejected < 0) return undefined
  if (!latencyUs || !latencyBins || !labels || !score || !metrics || !blockedUs || !answers) return undefined
  const begun = now.begun - before.begun
  const leftOut = leftOutOf(now) - leftOutOf(before)
  const other = now.predictions.other - before.predictions.other
  const outcomes = outcomesOf((outcome) => countOf(now, outcome) - countOf(before, outcome))
  if (begun < 0 || leftOut < 0 || other < 0 || OUTCOMES.some((outcome) => outcomes[outcome] < 0)) return undefined
  const predictions = { labels, other }
  const { pendingBins } = now
  const since = {
    begun,
    outcomes,
    answers,
    rejections,
    latencyUs,
    latencyBins,
    blockedUs,
    pendingBins,
    predictions,
    score,
    metrics,
  }
  return withLeftOut(withScoreBins(since, combinedBins(now, before, subtractBins)), leftOut)
}

function addRejections(a: RejectionCounts, b: RejectionCounts, sign: 1 | -1): RejectionCounts {
  return { callers: a.callers + sign * b.callers, rejected: a.rejected + sign * b.rejected }
}

/** Creates counts from one number per outcome. */
export function outcomesOf(count: (outcome: Outcome) => number): Record<Outcome, number> {
  return {
    success: count('success'),
    error: count('error'),
    timeout: count('timeout'),
    aborted: count('aborted'),
    rejected: count('rejected'),
    ignored: count('ignored'),
  }
}

const noOutcomes = /* @__PURE__ */ Object.freeze(outcomesOf(() => 0))

/** Returns a count of a summary; 0 for an outcome that did not exist when the summary was stored. */
const countOf = ({ outcomes }: Summary, outcome: Outcome): number => outcomes[outcome] ?? 0

/** Returns the answer counts; empty for a summary that was stored before they were counted. */
export function answerCountsOf({ answers }: { readonly answers?: AnswerCounts }): AnswerCounts {
  return answers ?? noAnswers
}

/** Returns the number of finished flights with any outcome. */
export function finishedOf(summary: Summary): number {
  let finished = 0
  for (const outcome of OUTCOMES) finished += countOf(summary, outcome)
  return finished
}

/** Returns the number of flights with success, error, timeout or abort: those that count as evidence. */
export function endedOf({ outcomes }: Summary): number {
  return outcomes.success + outcomes.error + outcomes.timeout + outcomes.aborted
}

/** Returns the number of flights with success, error or timeout. */
export function answeredOf({ outcomes }: Pick<Summary, 'outcomes'>): number {
  return outcomes.success + outcomes.error + outcomes.timeout
}

/** Returns the number of predictions, including those beyond the kept labels. */
export function predictionCount({ labels, other }: PredictionCounts): number {
  let predictions = other
  for (const pair of labels) predictions += pair[1]
  return predictions
}

/** (error + timeout) / (success + error + timeout), or `undefined` without data. */
export function errorRateOf(summary: Summary): number | undefined {
  return share(summary.outcomes.error + summary.outcomes.timeout, answeredOf(summary))
}

/** timeout / (success + error + timeout), or `undefined` without data. */
export function timeoutRateOf(summary: Summary): number | undefined {
  return share(summary.outcomes.timeout, answeredOf(summary))
}

/** aborted / (success + error + timeout + aborted), or `undefined` without data. */
export function abortRateOf(summary: Summary): number | undefined {
  return share(summary.outcomes.aborted, endedOf(summary))
}

/** unanswered / decided calls, or `undefined` without data. */
export function unansweredRateOf(summary: Summary): number | undefined {
  const answers = answerCountsOf(summary)
  return share(answers.unanswered, answers.decided)
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined
}
