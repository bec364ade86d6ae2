import { binFrom, binLow, quantileUs, type SparseBins, totalOf } from '../summaries/histogram.js'
import type { Guardrail } from './guardrail.js'

/** The two ages, in milliseconds, that decide whether a call counts as unanswered. */
export interface AnswerLines {
  /** A call that has been open for this long without an output is unanswered. */
  readonly overdueMs: number
  /** A client that leaves earlier says nothing about the model; `null` until the baseline is known. */
  readonly patienceMs: number | null
}

/** The overdue line while the baseline is not known, in milliseconds. */
const UNKNOWN_OVERDUE_MS = 10_000

/** The least overdue line that is taken from the baseline, in milliseconds. */
const LEAST_OVERDUE_MS = 1_000

/** The fewest answers of the baseline from which its waiting times are known. */
const FEWEST_ANSWERS = 100

const US_PER_MS = 1_000

/**
 * Returns the ages that decide whether a call counts as unanswered, from how long the baseline's callers waited.
 *
 * Overdue is max(1 s, 10 · p99, 3 · (p99 + the largest latency margin in use)), rounded up to the edge of a histogram
 * bin: slowness that a latency guardrail accepts is not a missing answer. A guardrail's own `afterMs` takes its place.
 * With fewer than 100 answers it is 10 s. Patience is the p95.
 *
 * @param times waiting times in microseconds, by histogram bin
 */
export function answerLinesOf(times: SparseBins, guardrails: readonly Guardrail[]): AnswerLines {
  const isKnown = totalOf(times) >= FEWEST_ANSWERS
  const quantileMs = (q: number) => (quantileUs(times, q) ?? 0) / US_PER_MS
  const p99 = quantileMs(0.99)
  const margins = guardrails.map((guardrail) => latencyMarginOf(guardrail, quantileMs))
  const learned = Math.max(LEAST_OVERDUE_MS, 10 * p99, 3 * (p99 + Math.max(0, ...margins)))
  return {
    overdueMs: roundedUp(ownLine(guardrails) ?? (isKnown ? learned : UNKNOWN_OVERDUE_MS)),
    patienceMs: isKnown ? quantileMs(0.95) : null,
  }
}

/** Returns the rise of the latency that a guardrail accepts, in milliseconds. */
function latencyMarginOf(guardrail: Guardrail, quantileMs: (q: number) => number): number {
  if (guardrail.kind === 'latency') return guardrail.marginMs
  if (guardrail.kind !== 'tailLatency') return 0
  return Math.max((guardrail.ratio - 1) * quantileMs(guardrail.quantile), guardrail.minIncreaseMs)
}

function ownLine(guardrails: readonly Guardrail[]): number | undefined {
  const given = guardrails.flatMap((each) =>
    each.kind === 'unansweredRate' && each.afterMs !== null ? [each.afterMs] : [],
  )
  return given.length === 0 ? undefined : Math.min(...given)
}

/** Rounds up to the edge of a histogram bin, in milliseconds. */
const roundedUp = (ms: number): number => Math.max(ms, binLow(binFrom(ms * US_PER_MS)) / US_PER_MS)
