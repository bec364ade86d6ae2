import type { RateGuardrail } from './guardrail.js'
import { type RateOptions, rateGuardrail } from './rate-guardrail.js'

/**
 * Clients must not hang up more often: aborted / all finished flights.
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * abortRate({ margin: 0.05, severity: 'hold' }) // people who give up early are a reason to look, not to undo
 */
export function abortRate(options: RateOptions = {}): RateGuardrail {
  return rateGuardrail('abortRate', options)
}
