import { type Defaults, numberWithin, refuseUnknown } from '../../foundation/options.js'
import { refuseNonObject } from '../../foundation/right-form.js'
import { answerCountsOf } from '../../summaries/summary.js'
import { identityOf } from '../guardrail-options.js'
import { optionalLimit } from '../limit.js'
import { fractionMargin } from '../margin.js'
import { RATE_DEFAULTS, type Rate, type RateGuardrail, type RateOptions, rateKind } from './rate.js'

/**
 * The share of decided calls without an answer must not rise by more than `margin`, nor above `limit`.
 */
export interface UnansweredRateGuardrail extends RateGuardrail<'unansweredRate'> {
  /**
   * A call that has been open for this long, in milliseconds, is unanswered; `null` takes the age from the baseline.
   */
  readonly afterMs: number | null
}

/** Options of `unansweredRate`. */
export interface UnansweredRateOptions extends RateOptions {
  /**
   * A call that has been open for this long without an output is unanswered, in milliseconds.
   * @default max(1 s, 10 · p99, 3 · (p99 + the largest latency margin in use)) of the baseline; 10 s without a history
   */
  readonly afterMs?: number | null | undefined
}

/** What an option is if it is not given. */
const UNANSWERED_RATE_DEFAULTS = { afterMs: null } as const satisfies Defaults<UnansweredRateOptions>

/** The longest age that can be set: the longest time of a timer, in milliseconds. */
const LONGEST_MS = 2_147_483_647

/**
 * Calls without an answer must not become more frequent: unanswered / decided calls.
 *
 * A call is decided once: when its caller gets the first output (an error too), when it ends without one (a timeout, or
 * a client that left later than the baseline's p95), or when it has been open for `afterMs`. A call whose client left
 * earlier than that is no evidence, and neither is a rejected or ignored one.
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * unansweredRate({ margin: 0.02 }) // at most two points more than the baseline
 */
export function unansweredRate(options: UnansweredRateOptions = {}): UnansweredRateGuardrail {
  refuseNonObject('unansweredRate', options, 'unansweredRate({ margin: 0.02 })')
  refuseUnknown('unansweredRate', options, { name: 1, severity: 1, margin: 1, limit: 1, afterMs: 1 })
  const {
    margin = RATE_DEFAULTS.margin,
    limit = RATE_DEFAULTS.limit,
    afterMs = UNANSWERED_RATE_DEFAULTS.afterMs,
  } = options
  return Object.freeze({
    kind: 'unansweredRate',
    ...identityOf('unansweredRate', options),
    margin: fractionMargin('unansweredRate.margin', margin),
    limit: optionalLimit('unansweredRate.limit', limit, 0, 1),
    afterMs: afterMs === null ? null : numberWithin('unansweredRate.afterMs', afterMs, 1, LONGEST_MS),
  })
}

/** Unanswered calls among the decided ones. */
export const unansweredCount: Rate = {
  name: 'rate of unanswered requests',
  counted: 'decided requests',
  hitsOf: (summary) => answerCountsOf(summary).unanswered,
  trialsOf: (summary) => answerCountsOf(summary).decided,
  byUserOf: ({ decided, unanswered }) => decided && unanswered && [decided, unanswered],
}

/** The definition of `unansweredRate`. */
export const unansweredRateKind = /* @__PURE__ */ rateKind<UnansweredRateGuardrail>(unansweredCount, {
  make: unansweredRate,
  priority: () => 0.35,
  whenCold: 'late',
})
