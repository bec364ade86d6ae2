import { quantile } from '../harness/spread.mjs'
import { gaussian } from './draws.mjs'

/** ln(1/α) at α = 5 %: Wald's boundary if only wrong rollbacks have to be rare. */
const BOUNDARY = Math.log(20)

/** The most requests of an oracle's run; beyond it there is no figure. */
const MOST_REQUESTS = 1_000_000

/**
 * What one request adds to the evidence of an oracle, which knows the true distributions.
 *
 * The log-likelihood ratio of the true harm to the greatest tolerable harm. One request of the canary comes with
 * (1 − w)/w requests of the baseline, where w is the weight.
 *
 * @typedef {object} Increment
 * @property {(random: () => number, elapsedMs: number, weight: number) => number} canary of one canary request
 * @property {(random: () => number, elapsedMs: number, weight: number) => number} baseline of one baseline request
 */

/**
 * Returns it for a rate, such as errors or answers beyond a threshold. Each rate may depend on the time.
 *
 * A judge does not know the baseline's rate: the greatest tolerable harm is the pair p_b, p_b + (tolerated − baseline)
 * that is closest to the two true rates.
 *
 * @param {number | ((elapsedMs: number) => number)} baseline
 * @param {number | ((elapsedMs: number) => number)} tolerated the canary's rate at the greatest tolerable harm
 * @param {number | ((elapsedMs: number) => number)} actual the canary's rate
 * @returns {Increment}
 */
export function rateOracle(baseline, tolerated, actual) {
  const at = (rate, elapsedMs) => (typeof rate === 'function' ? rate(elapsedMs) : rate)
  let last
  const nullAt = (elapsedMs, weight) => {
    const now = { of: at(baseline, elapsedMs), to: at(tolerated, elapsedMs), is: at(actual, elapsedMs), weight }
    if (last?.of !== now.of || last.to !== now.to || last.is !== now.is || last.weight !== weight)
      last = { ...now, rates: closestNull(now.of, now.to, now.is, weight) }
    return last.rates
  }
  const step = (random, truth, nullRate) =>
    random() < truth ? Math.log(truth / nullRate) : Math.log((1 - truth) / (1 - nullRate))
  return {
    canary: (random, elapsedMs, weight) => step(random, at(actual, elapsedMs), nullAt(elapsedMs, weight).canary),
    baseline: (random, elapsedMs, weight) => step(random, at(baseline, elapsedMs), nullAt(elapsedMs, weight).baseline),
  }
}

/** Returns the two rates at the greatest tolerable harm that are closest to the true ones, by golden section. */
function closestNull(baseline, tolerated, actual, weight) {
  const harm = tolerated - baseline
  const distance = (rate) => weight * divergence(actual, rate + harm) + (1 - weight) * divergence(baseline, rate)
  const golden = (Math.sqrt(5) - 1) / 2
  let low = 1e-9
  let high = 1 - harm - 1e-9
  for (let narrowing = 0; narrowing < 100; narrowing++) {
    const gap = golden * (high - low)
    if (distance(high - gap) < distance(low + gap)) high = low + gap
    else low = high - gap
  }
  const rate = (low + high) / 2
  return { baseline: rate, canary: rate + harm }
}

/** Returns the Kullback–Leibler divergence of two probabilities of a yes-or-no outcome. */
function divergence(p, q) {
  const part = (share, of) => (share === 0 ? 0 : share * Math.log(share / of))
  return part(p, q) + part(1 - p, 1 - q)
}

/**
 * Returns it for lognormal latencies that differ by a factor. A judge does not know the baseline's mean.
 *
 * @param {{ baselineMs: number, toleratedMs: number, actualMs: number, sigma?: number }} means
 * @returns {Increment}
 */
export function latencyOracle({ baselineMs, toleratedMs, actualMs, sigma = 0.7 }) {
  const excess = (Math.log(actualMs / baselineMs) - Math.log(toleratedMs / baselineMs)) / sigma
  const step = (random, shift) => shift * (gaussian(random) + shift / 2)
  return {
    canary: (random, _elapsedMs, weight) => step(random, (1 - weight) * excess),
    baseline: (random, _elapsedMs, weight) => step(random, -weight * excess),
  }
}

/**
 * Returns it for an event that a good canary never has: the first request decides.
 *
 * @type {Increment}
 */
export const certainOracle = { canary: () => Number.POSITIVE_INFINITY, baseline: () => 0 }

/**
 * Returns the canary requests until Wald's sequential probability ratio test rolls back: the median of many runs.
 *
 * It knows both distributions, when the harm begins and in which figure, but compares two samples. It looks after each
 * request. No procedure of two samples with the same α and the same tolerable harm needs fewer requests on average.
 *
 * Wald (1945), Annals of Mathematical Statistics 16:117–186; Wald and Wolfowitz (1948), 19:326–339.
 *
 * @param {Increment} increment
 * @param {{ random: () => number, weight?: number, runs?: number }} options without a weight: 2 % for a minute, then 10 %, as at
 *   the start of a rollout
 */
export function oracleExposure(increment, { random, weight, runs = 999 }) {
  return quantile(
    Array.from({ length: runs }, () => requestsUntilCertain(increment, random, weight)),
    0.5,
  )
}

function requestsUntilCertain({ canary, baseline }, random, fixedWeight) {
  let evidence = 0
  let owed = 0
  for (let request = 1; request <= MOST_REQUESTS; request++) {
    const { elapsedMs, weight } = momentOf(request, fixedWeight)
    evidence += canary(random, elapsedMs, weight)
    for (owed += (1 - weight) / weight; owed >= 1; owed--) evidence += baseline(random, elapsedMs, weight)
    if (evidence >= BOUNDARY) return request
  }
  return Number.POSITIVE_INFINITY
}

/** When the canary's n-th request comes at 50 requests a second, and at what weight. */
function momentOf(request, weight) {
  if (weight !== undefined) return { elapsedMs: (request * 20) / weight, weight }
  return request <= 60
    ? { elapsedMs: request * 1_000, weight: 0.02 }
    : { elapsedMs: 60_000 + (request - 60) * 200, weight: 0.1 }
}
