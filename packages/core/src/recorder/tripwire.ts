import { CanaryError } from '../foundation/errors.js'
import { type Defaults, numberWithin, refuseUnknown, wholeNumber } from '../foundation/options.js'

/** When to roll back immediately, regardless of the number of samples. Plain data. */
export interface Tripwire {
  /** The error rate that the last `requests` canary requests must exceed in any case, as a fraction. @default 0.1 */
  readonly errorRate: number
  /** The number of recent canary requests that are checked. @default 50 */
  readonly requests: number
  /**
   * Canary errors in a row that trip it, if the baseline fails in less than 5 %, and in less than 25 % meanwhile.
   * @default 10
   */
  readonly consecutive: number
  /** How far the canary's rate must exceed the baseline's, in addition to chance, as a fraction. @default 0.02 */
  readonly margin: number
}

/** What an option is if it is not given. */
const TRIPWIRE_DEFAULTS = {
  errorRate: 0.1,
  requests: 50,
  consecutive: 10,
  margin: 0.02,
} as const satisfies Defaults<Tripwire>

/**
 * Defines an immediate rollback on an error spike, checked on every request of the canary.
 *
 * The rate of the last `requests` canary requests trips it above `errorRate` and above
 * `b + margin + 6·√(b(1 − b) / requests)`, where the excess over `b` is also beyond chance by Chernoff's bound:
 * `requests · KL(rate ‖ b)` is 12 or more. `b` is the baseline's own rate, or its rate since those requests began if that
 * is higher, so that an outage of both versions is not taken for the canary's; 0 while none is known.
 * From a `b` of 56 % on no rate of 50 requests can trip it.
 *
 * It has **no** error control: it looks at every request, the baseline's rate is itself an estimate,
 * and a single burst can cause ten errors in a row. Evidence is evaluated by the judge.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `MARGIN_NOT_A_FRACTION`
 * @example
 * createCanary({ …, tripwire: tripwire({ errorRate: 0.1, requests: 50, consecutive: 10 }) })
 */
export function tripwire(options: Partial<Tripwire> = {}): Tripwire {
  refuseUnknown('tripwire', options, { errorRate: 1, requests: 1, consecutive: 1, margin: 1 })
  const {
    errorRate = TRIPWIRE_DEFAULTS.errorRate,
    requests = TRIPWIRE_DEFAULTS.requests,
    consecutive = TRIPWIRE_DEFAULTS.consecutive,
    margin = TRIPWIRE_DEFAULTS.margin,
  } = options
  if (!(errorRate > 0)) throw new CanaryError('INVALID_OPTION', 'tripwire: errorRate must be above 0')
  return Object.freeze({
    errorRate: numberWithin('tripwire: errorRate', errorRate, 0, 1),
    requests: wholeNumber('tripwire: requests', requests, 1, 10_000),
    consecutive: wholeNumber('tripwire: consecutive', consecutive, 1, 10_000),
    margin: numberWithin('tripwire: margin', margin, 0, 1, 'MARGIN_NOT_A_FRACTION'),
  })
}
