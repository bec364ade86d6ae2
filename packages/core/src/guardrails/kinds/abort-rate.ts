import { endedOf } from '../../summaries/summary.js'
import { type RateGuardrail, type RateOptions, rateGuardrail, rateKind } from './rate.js'

/**
 * Clients must not hang up more often: aborted / all finished flights.
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * abortRate({ margin: 0.05, severity: 'hold' }) // people who give up early are a reason to look, not to undo
 */
export function abortRate(options: RateOptions = {}): RateGuardrail<'abortRate'> {
  return rateGuardrail('abortRate', options)
}

/** The definition of `abortRate`. */
export const abortRateKind = /* @__PURE__ */ rateKind<RateGuardrail<'abortRate'>>(
  {
    name: 'abort rate',
    counted: 'requests',
    hitsOf: ({ outcomes }) => outcomes.aborted,
    trialsOf: endedOf,
    byUserOf: ({ finished, aborted }) => [finished, aborted],
  },
  { make: abortRate },
)
