import type { Defaults } from '../../foundation/options.js'
import { noRejections } from '../../summaries/summary.js'
import { type RateGuardrail, type RateOptions, rateGuardrail, rateKind } from './rate.js'

/** Options of `rejectedRate`. */
export interface RejectedRateOptions extends Omit<RateOptions, 'margin'> {
  /** The greatest accepted rise over the baseline, as a fraction. @default 0.1 */
  readonly margin?: number | undefined
}

/** What an option is if it is not given. */
const REJECTED_RATE_DEFAULTS = { margin: 0.1 } as const satisfies Defaults<RejectedRateOptions>

/**
 * The canary must not refuse more callers than the baseline: callers with a rejected call / all callers.
 *
 * A call is rejected if its error or response has status 400, 406, 413, 414, 415, 416 or 422, or if `classify` says so.
 * A key counts at most once for calls that were taken and once for calls that were rejected, until the keys that were
 * counted have made four calls each on average. So one client with malformed input is one caller. A call without a key is
 * a caller of its own.
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * rejectedRate({ margin: 0.1 }) // at most ten points more of the callers than with the baseline
 */
export function rejectedRate(options: RejectedRateOptions = {}): RateGuardrail<'rejectedRate'> {
  const { margin = REJECTED_RATE_DEFAULTS.margin } = options
  return rateGuardrail('rejectedRate', { ...options, margin })
}

/** The definition of `rejectedRate`. A stored summary may lack the rejections. */
export const rejectedRateKind = /* @__PURE__ */ rateKind<RateGuardrail<'rejectedRate'>>(
  {
    name: 'share of callers with a rejected request',
    counted: 'callers',
    hitsOf: ({ rejections = noRejections }) => rejections.rejected,
    trialsOf: ({ rejections = noRejections }) => rejections.callers,
    byUserOf: ({ callers, rejected }) => callers && rejected && [callers, rejected],
  },
  { make: rejectedRate },
)
