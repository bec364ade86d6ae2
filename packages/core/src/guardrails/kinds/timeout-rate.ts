import { answeredOf } from '../../summaries/summary.js'
import { type RateGuardrail, type RateOptions, rateGuardrail, rateKind } from './rate.js'

/**
 * Timeouts alone must not become more frequent: timeout / (success + error + timeout).
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * timeoutRate({ margin: 0.01 })
 */
export function timeoutRate(options: RateOptions = {}): RateGuardrail<'timeoutRate'> {
  return rateGuardrail('timeoutRate', options)
}

/** The definition of `timeoutRate`. */
export const timeoutRateKind = /* @__PURE__ */ rateKind<RateGuardrail<'timeoutRate'>>(
  {
    name: 'timeout rate',
    counted: 'requests',
    hitsOf: ({ outcomes }) => outcomes.timeout,
    trialsOf: answeredOf,
    byUserOf: ({ answered, timeouts }) => [answered, timeouts],
  },
  { make: timeoutRate },
)
