import type { RateGuardrail } from './guardrail.js'
import { type RateOptions, rateGuardrail } from './rate-guardrail.js'

/**
 * Errors and timeouts must not become more frequent: (error + timeout) / (success + error + timeout).
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * errorRate({ margin: 0.02, limit: 0.1 }) // two points above the baseline at most, and never above 10 %
 */
export function errorRate(options: RateOptions = {}): RateGuardrail {
  return rateGuardrail('errorRate', options)
}
