import type { ByVariant, Versions } from '../foundation/vocabulary.js'
import { quantileMs } from '../summaries/latency-sketch.js'
import type { Span, SpanCounts } from './span.js'

/** What a version served in a span of time. */
export interface PointFigures {
  /** Finished calls with any outcome: the `requestCount` of the metrics. */
  readonly requests: number
  /** Calls that ended with `error`. */
  readonly errors: number
  /** Calls that ended with `timeout`; they are not in `errors`. */
  readonly timeouts: number
  /** Calls without an answer: ended without an output, or pending for too long. */
  readonly unanswered: number
  /** Median latency of the calls that ended with success, error or timeout, in milliseconds; `null` without any. */
  readonly p50Ms: number | null
  /** 95th percentile of the same. */
  readonly p95Ms: number | null
  /** 99th percentile of the same. */
  readonly p99Ms: number | null
}

/** What both versions served in a span of time, for a chart. */
export interface Point extends ByVariant<PointFigures> {
  /** When the span began, as wall time in milliseconds since 1970. */
  readonly from: number
  /** When it ended, in the same form. */
  readonly to: number
  /** The number of the rollout, from 1; 0 before the first. */
  readonly epoch: number
  /** The step of the plan; 0 is the warm-up. */
  readonly step: number
  /** The canary's share as decided at the end of the span, in percent. */
  readonly weight: number
  /** The names of the two versions. */
  readonly versions: Versions
}

/** Returns a span as a chart shows it. */
export function pointOf({ from, to, epoch, step, weight, versions, baseline, canary }: Span): Point {
  return { from, to, epoch, step, weight, versions, baseline: figuresOf(baseline), canary: figuresOf(canary) }
}

function figuresOf({ latency, ...counts }: SpanCounts): PointFigures {
  const [p50Ms = null, p95Ms = null, p99Ms = null] = [0.5, 0.95, 0.99].map((q) => quantileMs(latency, q))
  return { ...counts, p50Ms, p95Ms, p99Ms }
}
