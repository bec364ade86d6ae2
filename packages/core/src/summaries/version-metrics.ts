import { type Moments, meanOf, varianceOf } from '../statistics/moments.js'
import { binMiddle, quantileUs, totalOf } from './histogram.js'
import { abortRateOf, errorRateOf, finishedOf, type Summary, timeoutRateOf, unansweredRateOf } from './summary.js'

/** The maximum number of named classes in a distribution; the others are under {@link OTHER_CLASSES}. */
const MOST_CLASSES = 20

/** The name for the sum of all other classes. */
export const OTHER_CLASSES = '(other)'

/** The metrics of a version in a window, for people and dashboards. `null` means "no data", never a good value. */
export interface VersionMetrics {
  /** Finished calls with any outcome. */
  readonly requestCount: number
  /** Requests that ended with `success`. */
  readonly successCount: number
  /** Requests that ended with `error`. */
  readonly errorCount: number
  /** Requests that ended with `timeout`. */
  readonly timeoutCount: number
  /** Requests whose client left first. */
  readonly abortedCount: number
  /** Calls that the model refused because of the caller's input; they do not count as evidence. */
  readonly rejectedCount: number
  /** Calls that were declared not to be evidence about the model. */
  readonly ignoredCount: number
  /** Calls without an answer: ended without an output, or pending for too long. */
  readonly unansweredCount: number
  /** Calls whose client left earlier than most answers of the baseline take; they do not count as evidence. */
  readonly leftEarlyCount: number
  /** (error + timeout) / (success + error + timeout). */
  readonly errorRate: number | null
  /** timeout / (success + error + timeout). */
  readonly timeoutRate: number | null
  /** aborted / (success + error + timeout + aborted). */
  readonly abortRate: number | null
  /** unanswered / decided calls, where a call is decided once it is answered, has ended, or is pending for too long. */
  readonly unansweredRate: number | null
  /** Mean latency of the timed requests, in milliseconds; `null` without any. */
  readonly avgLatencyMs: number | null
  /** Median latency, in milliseconds; `null` without any request. */
  readonly p50LatencyMs: number | null
  /** 95th percentile of the latency, in milliseconds; `null` without any request. */
  readonly p95LatencyMs: number | null
  /** 99th percentile of the latency, in milliseconds; `null` without any request. */
  readonly p99LatencyMs: number | null
  /**
   * The share of each predicted class, most frequent first; the shares add up to 1.
   * JavaScript lists names such as `"1"` before all others, regardless of their share.
   */
  readonly predictionDistribution: Readonly<Record<string, number>>
  /** Count, mean and standard deviation of the scores. */
  readonly score: { readonly count: number; readonly mean: number | null; readonly standardDeviation: number | null }
  /** Business metrics by name. */
  readonly metrics: Readonly<Record<string, { readonly count: number; readonly mean: number | null }>>
  /** The mean time for which a call blocked the event loop from its start to its first await, and the total. */
  readonly blockedMs: { readonly mean: number | null; readonly total: number }
  /** Pending calls. */
  readonly inFlight: number
  /** The age of the oldest pending call, within 1 %. */
  readonly oldestInFlightMs: number | null
}

/** The quantiles of the latency in the metrics. */
export const LATENCY_QUANTILES = [0.5, 0.95, 0.99] as const

/** Returns the metrics of a summary, as plain JSON. */
export const versionMetricsOf = (summary: Summary): VersionMetrics =>
  metricsOf(
    summary,
    LATENCY_QUANTILES.map((q) => quantileUs(summary.latencyBins, q)),
  )

/** Returns the metrics of a summary whose durations may be missing, with these quantiles of them in microseconds. */
export function metricsOf(summary: Summary, [p50, p95, p99]: readonly (number | undefined)[]): VersionMetrics {
  const { outcomes, answers, latencyUs, pendingBins, score } = summary
  const oldest = pendingBins.at(-1)
  const variance = varianceOf(score)
  return {
    requestCount: finishedOf(summary),
    successCount: outcomes.success,
    errorCount: outcomes.error,
    timeoutCount: outcomes.timeout,
    abortedCount: outcomes.aborted,
    rejectedCount: outcomes.rejected,
    ignoredCount: outcomes.ignored,
    unansweredCount: answers.unanswered,
    leftEarlyCount: answers.leftEarly,
    errorRate: errorRateOf(summary) ?? null,
    timeoutRate: timeoutRateOf(summary) ?? null,
    abortRate: abortRateOf(summary) ?? null,
    unansweredRate: unansweredRateOf(summary) ?? null,
    avgLatencyMs: milliseconds(meanOf(latencyUs)),
    p50LatencyMs: milliseconds(p50),
    p95LatencyMs: milliseconds(p95),
    p99LatencyMs: milliseconds(p99),
    predictionDistribution: distributionOf(summary),
    score: {
      count: score.count,
      mean: meanOf(score) ?? null,
      standardDeviation: variance === undefined ? null : Math.sqrt(variance),
    },
    metrics: businessMetricsOf(summary),
    blockedMs: { mean: milliseconds(meanOf(summary.blockedUs)), total: summary.blockedUs.sum / 1000 },
    inFlight: totalOf(pendingBins),
    oldestInFlightMs: milliseconds(oldest && binMiddle(oldest[0])),
  }
}

function milliseconds(us: number | undefined): number | null {
  return us === undefined ? null : us / 1000
}

function distributionOf({ predictions }: Summary): Record<string, number> {
  const total = predictions.labels.reduce((sum, [, count]) => sum + count, predictions.other)
  const ranked = predictions.labels.toSorted(([, a], [, b]) => b - a)
  const named = ranked.slice(0, MOST_CLASSES)
  const rest = ranked.slice(MOST_CLASSES).reduce((sum, [, count]) => sum + count, predictions.other)
  const shares: Record<string, number> = Object.create(null)
  for (const [label, count] of named) shares[label] = count / total
  if (rest > 0) shares[OTHER_CLASSES] = (shares[OTHER_CLASSES] ?? 0) + rest / total
  return shares
}

function businessMetricsOf({ metrics }: Summary): VersionMetrics['metrics'] {
  const means: Record<string, { count: number; mean: number | null }> = Object.create(null)
  for (const [name, moments] of metrics) means[name] = meanAndCount(moments)
  return means
}

function meanAndCount(moments: Moments): { count: number; mean: number | null } {
  return { count: moments.count, mean: meanOf(moments) ?? null }
}
