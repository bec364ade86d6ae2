import type { Guardrail, TailLatencyGuardrail } from '../../guardrails/guardrail.js'
import {
  binFrom,
  binHigh,
  binLow,
  binMiddle,
  binOf,
  countAbove,
  quantileUs,
  type SparseBins,
  totalOf,
} from '../../summaries/histogram.js'
import { predictionCount, type Summary } from '../../summaries/summary.js'

/** What is taken from the baseline once and then stands, so that evidence never mixes two thresholds. */
export type Frozen =
  | { readonly kind: 'tail'; readonly bin: number; readonly hungBin: number; readonly margin: number }
  | { readonly kind: 'latency'; readonly capMs: number }
  | { readonly kind: 'classes'; readonly labels: readonly string[] }
  /** Nothing of the baseline is needed. */
  | { readonly kind: 'none' }

/** A mean is taken of latencies up to this many times the baseline's p99, and to this many margins beyond it at least. */
const CAP = 3

/** During the warm-up a flight is hung that runs longer than this many times the baseline's p99. */
const HUNG = 10

const US_PER_MS = 1_000

/**
 * Thresholds of a guardrail from the baseline's past; `null` where it says nothing yet.
 *
 * A tail threshold is snapped up to the edge of a bin, and its margin is what the definition "p_q
 * is `ratio` times the baseline's" leaves: (1 − q) − P(baseline is beyond it), at least (1 − q)/4.
 */
export function freeze(guardrail: Guardrail, past: Summary): Frozen | null {
  switch (guardrail.kind) {
    case 'tailLatency':
      return freezeTail(guardrail, past.latencyBins)
    case 'latency': {
      const p99Us = quantileUs(past.latencyBins, 0.99)
      if (p99Us === undefined) return null
      const p99Ms = p99Us / US_PER_MS
      return { kind: 'latency', capMs: Math.max(1, CAP * p99Ms, p99Ms + CAP * guardrail.marginMs) }
    }
    case 'predictionShift': {
      const labels = labelsOf(past, guardrail.minShare)
      return labels === undefined ? null : { kind: 'classes', labels }
    }
    default:
      return { kind: 'none' }
  }
}

function freezeTail({ quantile, ratio, minIncreaseMs }: TailLatencyGuardrail, bins: SparseBins): Frozen | null {
  const quantileNow = quantileUs(bins, quantile)
  const p99Us = quantileUs(bins, 0.99)
  if (quantileNow === undefined || p99Us === undefined) return null
  const wantedUs = Math.max(ratio * quantileNow, quantileNow + minIncreaseMs * US_PER_MS)
  const bin = binFrom(wantedUs)
  const beyond = countAbove(bins, binLow(bin))
  const margin = Math.max(1 - quantile - beyond / totalOf(bins), (1 - quantile) / 4)
  return { kind: 'tail', bin, hungBin: Math.max(bin, binOf(HUNG * p99Us)), margin }
}

/** Classes of at least `minShare`, most frequent first. */
function labelsOf({ predictions }: Summary, minShare: number): readonly string[] | undefined {
  const total = predictionCount(predictions)
  if (total === 0) return undefined
  return predictions.labels
    .filter(([, count]) => count / total >= minShare)
    .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([label]) => label)
}

/** A frozen threshold in milliseconds, for a sentence. */
export function thresholdMs(bin: number): number {
  return (Number.isFinite(binHigh(bin)) ? binLow(bin) : binMiddle(bin)) / US_PER_MS
}
