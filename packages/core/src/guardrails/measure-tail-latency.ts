import type { ByVariant } from '../foundation/vocabulary.js'
import { mergeBins, quantileUs, type SparseBins, totalOf } from '../summaries/histogram.js'
import type { Summary } from '../summaries/summary.js'
import { quantileName } from './figures.js'
import type { TailLatencyGuardrail } from './guardrail.js'
import type { Measurement } from './measurement.js'

const US_PER_MS = 1000

/**
 * Measures a latency quantile over finished and pending flights, in milliseconds.
 *
 * A pending flight counts with its age, a lower bound of what its latency will be: a flight that
 * hangs is seen while it hangs, not only once it has timed out.
 */
export function measureTailLatency(guardrail: TailLatencyGuardrail, arms: ByVariant<Summary>): Measurement {
  const { quantile, ratio, minIncreaseMs, limitMs } = guardrail
  const bins = { baseline: allFlights(arms.baseline), canary: allFlights(arms.canary) }
  const baseline = quantileMs(bins.baseline, quantile)
  const canary = quantileMs(bins.canary, quantile)
  return {
    subject: `${quantileName(quantile)} latency`,
    counted: 'requests',
    unit: 'ms',
    harm: 'rise',
    baseline,
    canary,
    difference: baseline === null || canary === null ? null : canary - baseline,
    margin: Math.max(minIncreaseMs, (ratio - 1) * (baseline ?? 0)), // both must be exceeded
    limit: limitMs,
    samples: { baseline: totalOf(bins.baseline), canary: totalOf(bins.canary) },
    moments: null, // a quantile has no moments: the margin alone decides
    comparisons: 1,
  }
}

function allFlights({ latencyBins, pendingBins }: Summary): SparseBins {
  return mergeBins(latencyBins, pendingBins)
}

function quantileMs(bins: SparseBins, quantile: number): number | null {
  const us = quantileUs(bins, quantile)
  return us === undefined ? null : us / US_PER_MS
}
