import { CanaryError } from '../foundation/errors.js'
import { numberWithin, refuseUnknown, wholeNumber } from '../foundation/options.js'
import type { Outcome, Variant } from '../foundation/vocabulary.js'

/** When to roll back immediately, regardless of the number of samples. Plain data. */
export interface Tripwire {
  /** The error rate that the last `window` canary requests must exceed in any case, as a fraction. */
  readonly errorRate: number
  /** The number of recent canary requests that are checked. */
  readonly window: number
  /** Canary errors in a row that trip it, if the baseline fails in less than 5 %, and in less than 25 % meanwhile. */
  readonly consecutive: number
  /** How far the canary's rate must exceed the baseline's, in addition to chance, as a fraction. */
  readonly margin: number
}

/**
 * Defines an immediate rollback on an error spike, checked on every request of the canary.
 *
 * The rate of the last `window` canary requests trips it above `errorRate` and above
 * `b + margin + 6·√(b(1 − b) / window)`, where the excess over `b` is also beyond chance by Chernoff's bound:
 * `window · KL(rate ‖ b)` is 12 or more. `b` is the baseline's own rate, or its rate since those requests began if that
 * is higher, so that an outage of both versions is not taken for the canary's; 0 while none is known.
 * From a `b` of 56 % on no rate can trip it, with a window of 50.
 *
 * It has **no** error control: it looks at every request, the baseline's rate is itself an estimate,
 * and a single burst can cause ten errors in a row. Evidence is evaluated by the judge.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `MARGIN_NOT_A_FRACTION`
 * @example
 * createCanary({ …, tripwire: tripwire({ errorRate: 0.1, window: 50, consecutive: 10 }) })
 */
export function tripwire(options: Partial<Tripwire> = {}): Tripwire {
  refuseUnknown('tripwire', options, { errorRate: 1, window: 1, consecutive: 1, margin: 1 })
  const { errorRate = 0.1, window = 50, consecutive = 10, margin = 0.02 } = options
  if (!(errorRate > 0)) throw new CanaryError('INVALID_OPTION', 'tripwire: errorRate must be above 0')
  return Object.freeze({
    errorRate: numberWithin('tripwire: errorRate', errorRate, 0, 1),
    window: wholeNumber('tripwire: window', window, 1, 10_000),
    consecutive: wholeNumber('tripwire: consecutive', consecutive, 1, 10_000),
    margin: numberWithin('tripwire: margin', margin, 0, 1, 'MARGIN_NOT_A_FRACTION'),
  })
}

/** An active tripwire. */
export interface LiveTripwire {
  /** Takes one finished request. Returns the reason if it trips, or `undefined`. */
  record(variant: Variant, outcome: Outcome): string | undefined
  /** Resets the canary, but not the baseline, whose rate remains the reference when it gets no more requests. */
  reset(): void
}

/** A memory of about this many baseline requests. */
const BASELINE_MEMORY = 4_000

/** From this baseline rate on, a run of errors does not count. */
const QUIET_BASELINE = 0.05

/** From this baseline rate during the run, the run counts as an outage of both versions. */
const SHARED_OUTAGE = 0.25

/**
 * The number of standard deviations of a window's rate that are attributed to chance.
 *
 * Every request is a new look. Of windows of 50 at 5 % errors, one in 1,300 passes the margin and three, one in
 * 1.3 million the margin and six (exact binomial tails); a total breakage passes both, four requests apart.
 */
const DEVIATIONS = 6

/**
 * Chernoff: a window's rate is this high by chance in at most exp(−12), one in 160,000. If errors are rare, their
 * number is far from normal: at 1 %, one window of 50 in 100,000 has the six errors that six deviations allow for.
 */
const LEAST_NATS = 12

/** The Kullback–Leibler divergence of two error rates, in nats. */
function divergence(rate: number, expected: number): number {
  const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q))
  return term(rate, expected) + term(1 - rate, 1 - expected)
}

/** Creates an active tripwire. Each request takes constant time and memory. */
export function createTripwire({ errorRate, window, consecutive, margin }: Tripwire): LiveTripwire {
  const recent = new Uint8Array(window)
  let seen = 0
  let errors = 0
  let inARow = 0
  let baselineSeen = 0
  let baselineErrors = 0
  const baseline = { seen: 0, errors: 0 } // total
  const before = { seen: new Float64Array(window), errors: new Float64Array(window) } // at each canary request
  const beforeRun = { seen: 0, errors: 0 }

  const rateSince = (seenThen: number, errorsThen: number): number =>
    baseline.seen === seenThen ? 0 : (baseline.errors - errorsThen) / (baseline.seen - seenThen)

  const recordBaseline = (isError: number): void => {
    if (baselineSeen >= BASELINE_MEMORY) {
      baselineSeen /= 2
      baselineErrors /= 2
    }
    baselineSeen += 1
    baselineErrors += isError
    baseline.seen += 1
    baseline.errors += isError
  }

  const recordCanary = (isError: number): void => {
    const slot = seen % window
    errors += isError - recent[slot]!
    recent[slot] = isError
    before.seen[slot] = baseline.seen
    before.errors[slot] = baseline.errors
    seen += 1
    if (isError === 1 && inARow === 0) Object.assign(beforeRun, baseline)
    inARow = isError === 1 ? inARow + 1 : 0
  }

  return {
    record(variant, outcome) {
      if (outcome !== 'success' && outcome !== 'error' && outcome !== 'timeout') return undefined
      const isError = outcome === 'success' ? 0 : 1
      if (variant === 'baseline') {
        recordBaseline(isError)
        return undefined
      }
      recordCanary(isError)
      const usual = baselineSeen === 0 ? 0 : baselineErrors / baselineSeen
      const isShared = rateSince(beforeRun.seen, beforeRun.errors) >= SHARED_OUTAGE
      if (inARow >= consecutive && usual < QUIET_BASELINE && !isShared) return `${inARow} canary errors in a row`
      if (seen < window) return undefined
      const oldest = seen % window
      const expected = Math.max(usual, rateSince(before.seen[oldest]!, before.errors[oldest]!))
      const rate = errors / window
      const chance = DEVIATIONS * Math.sqrt((expected * (1 - expected)) / window)
      if (rate <= errorRate || rate <= expected + margin + chance) return undefined
      if (window * divergence(rate, expected) < LEAST_NATS) return undefined
      return `${errors} errors in the last ${window} canary requests`
    },
    reset() {
      recent.fill(0)
      seen = 0
      errors = 0
      inARow = 0
    },
  }
}
