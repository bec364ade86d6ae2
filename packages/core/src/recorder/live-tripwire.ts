import type { Outcome, Variant } from '../foundation/vocabulary.js'
import { createBaselineRate } from './baseline-rate.js'
import type { Tripwire } from './tripwire.js'

/** An active tripwire. */
export interface LiveTripwire {
  /** Takes one finished request. Returns the reason if it trips, or `undefined`. */
  record(variant: Variant, outcome: Outcome): string | undefined
  /** Resets the canary, but not the baseline, whose rate remains the reference when it gets no more requests. */
  reset(): void
}

/** From this baseline rate on, a run of errors does not count. */
const QUIET_BASELINE = 0.05

/** From this baseline rate during the run, the run counts as an outage of both versions. */
const SHARED_OUTAGE = 0.25

/**
 * The number of standard deviations of a rate that are attributed to chance.
 *
 * Every request is a new look. Of runs of 50 requests at 5 % errors, one in 1,300 passes the margin and three, one in
 * 1.3 million the margin and six (exact binomial tails); a total breakage passes both, four requests apart.
 */
const DEVIATIONS = 6

/**
 * Chernoff: a rate is this high by chance in at most exp(−12), one in 160,000. If errors are rare, their
 * number is far from normal: at 1 %, one run of 50 in 100,000 has the six errors that six deviations allow for.
 */
const LEAST_NATS = 12

/** Creates an active tripwire. Each request takes constant time and memory. */
export function createTripwire(tripwire: Tripwire): LiveTripwire {
  const { requests, consecutive } = tripwire
  const baseline = createBaselineRate()
  const recent = new Uint8Array(requests) // whether each of the last canary requests failed
  const before = { seen: new Float64Array(requests), errors: new Float64Array(requests) } // the baseline at each of them
  const beforeRun = { seen: 0, errors: 0 } // the baseline at the first error of the run
  let seen = 0
  let errors = 0
  let inARow = 0

  const recordCanary = (isError: number): void => {
    const slot = seen % requests
    errors += isError - recent[slot]!
    recent[slot] = isError
    before.seen[slot] = baseline.total.seen
    before.errors[slot] = baseline.total.errors
    seen += 1
    if (isError === 1 && inARow === 0) Object.assign(beforeRun, baseline.total)
    inARow = isError === 1 ? inARow + 1 : 0
  }

  return {
    record(variant, outcome) {
      if (outcome !== 'success' && outcome !== 'error' && outcome !== 'timeout') return undefined
      const isError = outcome === 'success' ? 0 : 1
      if (variant === 'baseline') {
        baseline.record(isError)
        return undefined
      }
      recordCanary(isError)
      const isShared = baseline.since(beforeRun.seen, beforeRun.errors) >= SHARED_OUTAGE
      if (inARow >= consecutive && baseline.usual() < QUIET_BASELINE && !isShared) {
        return `${inARow} canary errors in a row`
      }
      if (seen < requests) return undefined
      const oldest = seen % requests
      const expected = Math.max(baseline.usual(), baseline.since(before.seen[oldest]!, before.errors[oldest]!))
      return isSpike(errors / requests, expected, tripwire)
        ? `${errors} errors in the last ${requests} canary requests`
        : undefined
    },
    reset() {
      recent.fill(0)
      seen = 0
      errors = 0
      inARow = 0
    },
  }
}

/** Returns whether the error rate of the last requests is beyond the limits and beyond chance. */
function isSpike(rate: number, expected: number, { errorRate, margin, requests }: Tripwire): boolean {
  const chance = DEVIATIONS * Math.sqrt((expected * (1 - expected)) / requests)
  if (rate <= errorRate || rate <= expected + margin + chance) return false
  return requests * divergence(rate, expected) >= LEAST_NATS
}

/** The Kullback–Leibler divergence of two error rates, in nats. */
function divergence(rate: number, expected: number): number {
  const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q))
  return term(rate, expected) + term(1 - rate, 1 - expected)
}
