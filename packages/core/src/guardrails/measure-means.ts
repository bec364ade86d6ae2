import type { ByVariant } from '../foundation/vocabulary.js'
import { type Moments, noMoments } from '../statistics/moments.js'
import type { Summary } from '../summaries/summary.js'
import { compareMeans } from './compare-means.js'
import type { LatencyGuardrail, MetricGuardrail, ScoreShiftGuardrail } from './guardrail.js'
import type { Measurement } from './measurement.js'

const US_PER_MS = 1000

/** Measures the mean latency, in milliseconds. */
export function measureLatency({ marginMs, limitMs }: LatencyGuardrail, arms: ByVariant<Summary>): Measurement {
  return {
    subject: 'mean latency',
    counted: 'requests',
    unit: 'ms',
    margin: marginMs,
    limit: limitMs,
    ...compareMeans({ baseline: arms.baseline.latencyUs, canary: arms.canary.latencyUs }, 'rise', US_PER_MS),
  }
}

/** Measures the mean score, in the score's own unit. */
export function measureScore({ margin }: ScoreShiftGuardrail, arms: ByVariant<Summary>): Measurement {
  return {
    subject: 'mean score',
    counted: 'scores',
    unit: 'plain',
    margin,
    limit: null,
    ...compareMeans({ baseline: arms.baseline.score, canary: arms.canary.score }, 'move'),
  }
}

/** Measures the mean of a business metric, in the metric's own unit. */
export function measureMetric(guardrail: MetricGuardrail, arms: ByVariant<Summary>): Measurement {
  const { metric, direction, margin, limit } = guardrail
  return {
    subject: metric,
    counted: 'values',
    unit: 'plain',
    margin,
    limit,
    ...compareMeans(
      { baseline: metricOf(arms.baseline, metric), canary: metricOf(arms.canary, metric) },
      direction === 'must-not-fall' ? 'fall' : 'rise',
    ),
  }
}

function metricOf({ metrics }: Summary, wanted: string): Moments {
  return metrics.find(([name]) => name === wanted)?.[1] ?? noMoments
}
