import { oneOf, refuseUnknown, safeName } from '../foundation/options.js'
import type { MetricGuardrail } from './guardrail.js'
import { type GuardrailOptions, identityOf } from './guardrail-options.js'
import { optionalFiniteLimit } from './limit.js'
import { positiveMargin } from './margin.js'

/** What `metric` takes. Only its user knows which way is worse, and by how much. */
export interface MetricOptions extends GuardrailOptions {
  /** Which way is worse. */
  readonly direction: MetricGuardrail['direction']
  /** The greatest change for the worse that is accepted, in the metric's own unit. */
  readonly margin: number
  /** The worst mean that is accepted whatever the baseline does. @default null, none */
  readonly limit?: number | null | undefined
}

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
  refuseUnknown('metric', options, ['name', 'severity', 'direction', 'margin', 'limit'])
  const watched = safeName('the name of a metric', name)
  return Object.freeze({
    kind: 'metric',
    ...identityOf('metric', options, watched),
    metric: watched,
    direction: oneOf('metric.direction', options.direction, ['must-not-fall', 'must-not-rise']),
    margin: positiveMargin('metric.margin', options.margin),
    limit: optionalFiniteLimit('metric.limit', options.limit),
  })
}
