import { answeredOf } from '../../summaries/summary.js'
import { type Rate, type RateGuardrail, type RateOptions, rateGuardrail, rateKind } from './rate.js'

/**
 * Errors and timeouts must not become more frequent: (error + timeout) / (success + error + timeout).
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * errorRate({ margin: 0.02, limit: 0.1 }) // two points above the baseline at most, and never above 10 %
 */
export function errorRate(options: RateOptions = {}): RateGuardrail<'errorRate'> {
  return rateGuardrail('errorRate', options)
}

/**
 * Errors and timeouts among the answered. A client that hangs up says nothing about the model, so it does not count.
 */
export const errorRateCount: Rate = {
  name: 'error rate',
  counted: 'requests',
  hitsOf: ({ outcomes }) => outcomes.error + outcomes.timeout,
  trialsOf: answeredOf,
  byUserOf: ({ answered, errors }) => [answered, errors],
}

/** The definition of `errorRate`. */
export const errorRateKind = /* @__PURE__ */ rateKind<RateGuardrail<'errorRate'>>(errorRateCount, {
  make: errorRate,
  priority: () => 0.35,
})
