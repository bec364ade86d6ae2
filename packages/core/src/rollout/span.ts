import type { ByVariant, Versions } from '../foundation/vocabulary.js'
import { type LatencySketch, mergeSketches, sketchOf, subtractSketches } from '../summaries/latency-sketch.js'
import { answerCountsOf, finishedOf, type Summary } from '../summaries/summary.js'
import type { Visit } from './records.js'

/** What a version served in a span of time, mergeable by addition. */
export interface SpanCounts {
  readonly requests: number
  readonly errors: number
  readonly timeouts: number
  readonly unanswered: number
  readonly latency: LatencySketch
}

/** Where a rollout stands while something is served. */
export interface Place extends Visit {
  readonly versions: Versions
  readonly step: number
  /** The canary's share as decided, in percent. */
  readonly weight: number
}

/** A span of time within one stay, and what both versions served in it. Times are milliseconds since 1970. */
export interface Span extends Place, ByVariant<SpanCounts> {
  readonly from: number
  readonly to: number
}

/** The counts of a span, in the order in which they are stored. */
export const COUNT_NAMES = ['requests', 'errors', 'timeouts', 'unanswered'] as const

/** Returns what a span has of a summary. */
export const spanCountsOf = (summary: Summary): SpanCounts => ({
  requests: finishedOf(summary),
  errors: summary.outcomes.error,
  timeouts: summary.outcomes.timeout,
  unanswered: answerCountsOf(summary).unanswered,
  latency: sketchOf(summary.latencyBins),
})

/** Returns the sum of two spans' counts. */
export const plus = (a: SpanCounts, b: SpanCounts): SpanCounts => ({
  ...spanCounts((name) => a[name] + b[name]),
  latency: mergeSketches(a.latency, b.latency),
})

/** Returns the counts since `before`; `undefined` if one of them fell. */
export function minus(now: SpanCounts, before: SpanCounts): SpanCounts | undefined {
  const latency = subtractSketches(now.latency, before.latency)
  const counts = spanCounts((name) => now[name] - before[name])
  return latency && COUNT_NAMES.every((name) => counts[name] >= 0) ? { ...counts, latency } : undefined
}

/** Creates counts from one number per name. */
export const spanCounts = (count: (name: (typeof COUNT_NAMES)[number]) => number) => ({
  requests: count('requests'),
  errors: count('errors'),
  timeouts: count('timeouts'),
  unanswered: count('unanswered'),
})

/** Returns whether two places are in one stay of one release. Only the end of a rollout changes the step within one. */
export const isSameStay = (a: Place, b: Place): boolean =>
  a.epoch === b.epoch &&
  a.visit === b.visit &&
  a.versions.baseline === b.versions.baseline &&
  a.versions.canary === b.versions.canary

/** Returns whether two places are one: of one stay, one step and one weight. */
export const isSamePlace = (a: Place, b: Place): boolean =>
  isSameStay(a, b) && a.step === b.step && a.weight === b.weight

/** Returns what the spans of a stay hold together; `undefined` if there is none. */
export const countedIn = (spans: readonly Span[], stay: Place): ByVariant<SpanCounts> | undefined =>
  spans.filter((span) => isSameStay(span, stay)).reduce<ByVariant<SpanCounts> | undefined>(added, undefined)

const added = (sum: ByVariant<SpanCounts> | undefined, { baseline, canary }: ByVariant<SpanCounts>) =>
  sum === undefined
    ? { baseline, canary }
    : { baseline: plus(sum.baseline, baseline), canary: plus(sum.canary, canary) }

/** Returns two neighbours as one span. */
export const joinedSpans = (earlier: Span, later: Span): Span => ({
  ...later,
  ...added(earlier, later),
  from: earlier.from,
})
