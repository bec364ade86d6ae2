import { type Defaults, oneOf, refuseUnknown, safeName } from '../../foundation/options.js'
import { refuseNonObject, wrongForm } from '../../foundation/right-form.js'
import { MEAN_ALTERNATIVES } from '../../statistics/alternatives.js'
import { noMoments } from '../../statistics/moments.js'
import { compareMeans } from '../compare-means.js'
import type { GuardrailKind } from '../guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from '../guardrail-options.js'
import { comparisonAndLimit, type Side, type Statistic } from '../hypothesis.js'
import { optionalFiniteLimit } from '../limit.js'
import { positiveMargin } from '../margin.js'

/** The mean of a business metric must not move the wrong way by more than `margin` (in its own unit). */
export interface MetricGuardrail extends GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: 'metric'
  /** The name of the metric. */
  readonly metric: string
  /** The direction of the mean that is harm. */
  readonly direction: 'must-not-fall' | 'must-not-rise'
  /** Accepted move of the mean, in the metric's own unit. */
  readonly margin: number
  /** Absolute limit of the mean, in the metric's own unit; `null` for none. */
  readonly limit: number | null
}

/** Options of `metric`. Direction and margin depend on the metric, so they have no defaults. */
export interface MetricOptions extends GuardrailOptions {
  /** The direction that is harm. */
  readonly direction: MetricGuardrail['direction']
  /** The greatest accepted change for the worse, in the metric's own unit. */
  readonly margin: number
  /** The worst accepted mean regardless of the baseline. @default null, none */
  readonly limit?: number | null | undefined
}

/** What an option is if it is not given. */
const METRIC_DEFAULTS = { limit: null } as const satisfies Defaults<MetricOptions>

/** A call with all that `metric` needs. */
const EXAMPLE = "metric('conversion', { direction: 'must-not-fall', margin: 0.01 })"

/**
 * The mean of a business metric must not move the wrong way.
 *
 * A yes/no metric counts as 1 and 0, so its mean is a share. Throws `INVALID_MARGIN`,
 * `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * metric('conversion', { direction: 'must-not-fall', margin: 0.01 })
 */
export function metric(name: string, options: MetricOptions): MetricGuardrail {
  const isFirst = typeof name === 'object' && name !== null
  if (isFirst) throw wrongForm('metric takes the name first', EXAMPLE, name)
  refuseNonObject('metric: the second argument', options, EXAMPLE)
  refuseUnknown('metric', options, { name: 1, severity: 1, direction: 1, margin: 1, limit: 1 })
  const watched = safeName('the name of a metric', name)
  return Object.freeze({
    kind: 'metric',
    ...identityOf('metric', options, watched),
    metric: watched,
    direction: oneOf('metric.direction', options.direction, ['must-not-fall', 'must-not-rise']),
    margin: positiveMargin('metric.margin', options.margin),
    limit: optionalFiniteLimit('metric.limit', options.limit ?? METRIC_DEFAULTS.limit),
  })
}

/** The mean of a metric; without data if the metric was never recorded. */
export const meanOfMetric = (metric: string): Statistic => ({
  name: metric,
  unit: 'plain',
  momentsOf: ({ metrics }) => metrics.find(([name]) => name === metric)?.[1] ?? noMoments,
  byUser: { needs: { metrics: [metric] }, sumsOf: ({ metrics }) => metrics?.find(([name]) => name === metric)?.[1] },
})

const sideOf = ({ direction }: MetricGuardrail): Side => (direction === 'must-not-fall' ? 'fall' : 'rise')

/** The definition of `metric`. */
export const metricKind: GuardrailKind<MetricGuardrail> = {
  make: ({ metric: name, ...options }: MetricOptions & { readonly metric: string }) => metric(name, options),
  priority: () => 0.1,
  whenCold: 'nothing',
  hasClasses: false,
  limitOf: ({ limit }) => limit,
  compareArms(guardrail, { baseline, canary }) {
    const { name, unit, momentsOf } = meanOfMetric(guardrail.metric)
    return {
      subject: name,
      counted: 'values',
      unit,
      margin: guardrail.margin,
      limit: guardrail.limit,
      ...compareMeans({ baseline: momentsOf(baseline), canary: momentsOf(canary) }, sideOf(guardrail)),
    }
  },
  thresholdsOf: () => ({}),
  hypothesesOf: (guardrail) =>
    comparisonAndLimit(guardrail.name, guardrail.limit, {
      form: 'mean',
      statistic: meanOfMetric(guardrail.metric),
      sides: [sideOf(guardrail)],
      margin: guardrail.margin,
      priorShare: 0,
      alternatives: MEAN_ALTERNATIVES,
      tested: 'always',
    }),
}
