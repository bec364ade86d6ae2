/** The number of hits in a number of trials. */
export interface Proportion {
  readonly hits: number
  readonly trials: number
}

/** The probability that the true value is below the interval, and that it is above. */
const TAIL = 0.025

/** Halvings of the interval from 0 to 1: enough for double precision. */
const HALVINGS = 60

/**
 * Returns the 95 % confidence interval of a proportion by its exact distribution, the binomial.
 *
 * It contains the true value in at least 95 % of cases at every rate and count, also without any hit. The lower limit is
 * the rate at which this many hits or more have a probability of 2.5 %; the upper one is the rate at which this many or
 * fewer do.
 *
 * Clopper and Pearson (1934), Biometrika 26:404–413.
 */
export function binomialInterval({ hits, trials }: Proportion): readonly [low: number, high: number] {
  return [lowerLimit({ hits, trials }), 1 - lowerLimit({ hits: trials - hits, trials })]
}

function lowerLimit({ hits, trials }: Proportion): number {
  if (hits === 0) return 0
  const logWays = logBinomial(trials, hits)
  let low = 0
  let high = hits / trials // here so many hits or more have a chance of about a half
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const rate = (low + high) / 2
    if (upperTail({ hits, trials }, rate, logWays) < TAIL) low = rate
    else high = rate
  }
  return low
}

/**
 * Returns P(X ≥ hits), summed from the term at `hits`. Up to a rate of hits/trials each term is smaller than the
 * previous.
 */
function upperTail({ hits, trials }: Proportion, rate: number, logWays: number): number {
  const odds = rate / (1 - rate)
  let term = Math.exp(logWays + hits * Math.log(rate) + (trials - hits) * Math.log1p(-rate))
  let sum = 0
  for (let count = hits; count <= trials && term > sum * Number.EPSILON; count += 1) {
    sum += term
    term *= ((trials - count) / (count + 1)) * odds
  }
  return sum
}

/** The logarithm of the number of ways to choose `chosen` out of `all`. */
function logBinomial(all: number, chosen: number): number {
  let sum = 0
  for (let count = 1; count <= chosen; count += 1) sum += Math.log((all - chosen + count) / count)
  return sum
}
