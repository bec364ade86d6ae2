import { OUTCOMES, type Outcome } from '../vocabulary.js'
import { addCounts, isZero, mergePairs, type SortedPairs, subtractCounts, subtractPairs } from './counts.js'
import { mergeBins, type SparseBins, subtractBins } from './histogram.js'
import { type Moments, mergeMoments, noMoments, subtractMoments } from './moments.js'

/** How many predictions fell on each class. Labels are bounded in number and length. */
export interface PredictionCounts {
  /** Counts by label, sorted by label, so that equal contents are equal JSON. */
  readonly labels: SortedPairs<string, number>
  /** Predictions beyond the labels that are kept. */
  readonly other: number
}

/**
 * All that is kept of one variant's observations in one window: a plain, mergeable JSON aggregate.
 *
 * Counts are integers; durations are whole microseconds. Summaries of replicas, and of successive
 * blocks, merge by addition.
 */
export interface Summary {
  /** Flights that were opened and belong to this window. */
  readonly begun: number
  /** Finished flights by outcome. */
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Durations in microseconds, of every finished flight that was not aborted. */
  readonly latencyUs: Moments
  /** The same durations, by histogram bin. */
  readonly latencyBins: SparseBins
  /** Ages in microseconds of the flights still under way when the summary was taken, by histogram bin. */
  readonly pendingBins: SparseBins
  readonly predictions: PredictionCounts
  readonly score: Moments
  /** Business metrics by name, sorted by name. */
  readonly metrics: SortedPairs<string, Moments>
}

/** The summary of nothing. */
export function emptySummary(): Summary {
  return {
    begun: 0,
    outcomes: { success: 0, error: 0, timeout: 0, aborted: 0 },
    latencyUs: noMoments,
    latencyBins: [],
    pendingBins: [],
    predictions: { labels: [], other: 0 },
    score: noMoments,
    metrics: [],
  }
}

/** Both together: two replicas, or two blocks of the same step. */
export function mergeSummaries(a: Summary, b: Summary): Summary {
  return {
    begun: a.begun + b.begun,
    outcomes: {
      success: a.outcomes.success + b.outcomes.success,
      error: a.outcomes.error + b.outcomes.error,
      timeout: a.outcomes.timeout + b.outcomes.timeout,
      aborted: a.outcomes.aborted + b.outcomes.aborted,
    },
    latencyUs: mergeMoments(a.latencyUs, b.latencyUs),
    latencyBins: mergeBins(a.latencyBins, b.latencyBins),
    pendingBins: mergeBins(a.pendingBins, b.pendingBins),
    predictions: {
      labels: mergePairs(a.predictions.labels, b.predictions.labels, addCounts),
      other: a.predictions.other + b.predictions.other,
    },
    score: mergeMoments(a.score, b.score),
    metrics: mergePairs(a.metrics, b.metrics, mergeMoments),
  }
}

/**
 * The block between two cumulative summaries of one source, with the pending flights of `now`.
 * `undefined` where a count went backwards: the source was reset in between.
 */
export function subtractSummaries(now: Summary, before: Summary): Summary | undefined {
  const latencyUs = subtractMoments(now.latencyUs, before.latencyUs)
  const latencyBins = subtractBins(now.latencyBins, before.latencyBins)
  const labels = subtractPairs(now.predictions.labels, before.predictions.labels, subtractCounts, isZero)
  const score = subtractMoments(now.score, before.score)
  const metrics = subtractPairs(now.metrics, before.metrics, subtractMoments, ({ count }) => count === 0)
  if (!latencyUs || !latencyBins || !labels || !score || !metrics) return undefined
  const begun = now.begun - before.begun
  const other = now.predictions.other - before.predictions.other
  const outcomes = {
    success: now.outcomes.success - before.outcomes.success,
    error: now.outcomes.error - before.outcomes.error,
    timeout: now.outcomes.timeout - before.outcomes.timeout,
    aborted: now.outcomes.aborted - before.outcomes.aborted,
  }
  if (begun < 0 || other < 0 || OUTCOMES.some((outcome) => outcomes[outcome] < 0)) return undefined
  const predictions = { labels, other }
  return { begun, outcomes, latencyUs, latencyBins, pendingBins: now.pendingBins, predictions, score, metrics }
}

/** How many flights finished, whatever their outcome. */
export function finishedOf({ outcomes }: Summary): number {
  return outcomes.success + outcomes.error + outcomes.timeout + outcomes.aborted
}

/** How many flights ran to an end of their own: all finished ones but the aborted. */
export function answeredOf({ outcomes }: Summary): number {
  return outcomes.success + outcomes.error + outcomes.timeout
}

/** How many predictions were counted, those beyond the kept labels included. */
export function predictionCount({ labels, other }: PredictionCounts): number {
  return labels.reduce((sum, [, count]) => sum + count, other)
}

/** (error + timeout) / (success + error + timeout), or `undefined` without data. */
export function errorRateOf(summary: Summary): number | undefined {
  return share(summary.outcomes.error + summary.outcomes.timeout, answeredOf(summary))
}

/** timeout / (success + error + timeout), or `undefined` without data. */
export function timeoutRateOf(summary: Summary): number | undefined {
  return share(summary.outcomes.timeout, answeredOf(summary))
}

/** aborted / all finished flights, or `undefined` without data. */
export function abortRateOf(summary: Summary): number | undefined {
  return share(summary.outcomes.aborted, finishedOf(summary))
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined
}
