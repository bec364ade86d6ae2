import type { RateGuardrail } from './guardrail.js'
import { type RateOptions, rateGuardrail } from './rate-guardrail.js'

/**
 * Timeouts alone must not become more frequent: timeout / (success + error + timeout).
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * timeoutRate({ margin: 0.01 })
 */
export function timeoutRate(options: RateOptions = {}): RateGuardrail {
  return rateGuardrail('timeoutRate', options)
}
