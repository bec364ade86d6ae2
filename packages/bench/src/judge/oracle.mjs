import { quantile } from '../harness/spread.mjs'
import { gaussian } from './draws.mjs'

/** ln(1/α) at α = 5 %: Wald's boundary if only wrong rollbacks have to be rare. */
const BOUNDARY = Math.log(20)

/** The most requests of an oracle's run; beyond it there is no figure. */
const MOST_REQUESTS = 1_000_000

/**
 * What one canary request adds to the evidence of an oracle, which knows the true distributions.
 *
 * The log-likelihood ratio of the true harm to the greatest tolerable harm.
 *
 * @typedef {(random: () => number, elapsedMs: number) => number} Increment
 */

/**
 * Returns it for a rate, such as errors or answers beyond a threshold. Either rate may depend on the time.
 *
 * @param {number | ((elapsedMs: number) => number)} tolerated
 * @param {number | ((elapsedMs: number) => number)} actual
 * @returns {Increment}
 */
export function rateOracle(tolerated, actual) {
  const at = (rate, elapsedMs) => (typeof rate === 'function' ? rate(elapsedMs) : rate)
  return (random, elapsedMs) => {
    const p0 = at(tolerated, elapsedMs)
    const p1 = at(actual, elapsedMs)
    return random() < p1 ? Math.log(p1 / p0) : Math.log((1 - p1) / (1 - p0))
  }
}

/**
 * Returns it for lognormal latencies that differ by a factor.
 *
 * @param {number} toleratedMs mean
 * @param {number} actualMs mean
 * @param {number} [sigma]
 * @returns {Increment}
 */
export function latencyOracle(toleratedMs, actualMs, sigma = 0.7) {
  const shift = Math.log(actualMs / toleratedMs) / sigma
  return (random) => shift * (gaussian(random) + shift / 2)
}

/**
 * Returns it for an event that a good canary never has: the first request decides.
 *
 * @returns {number}
 */
export function certainOracle() {
  return Number.POSITIVE_INFINITY
}

/**
 * Returns the canary requests until Wald's sequential probability ratio test rolls back: the median of many runs.
 *
 * It knows both distributions, when the harm begins and in which figure it shows, and looks after each request: no
 * procedure with the same α, and the same harm tolerated, does it with fewer requests on average.
 *
 * Wald (1945), Annals of Mathematical Statistics 16:117–186; Wald and Wolfowitz (1948), 19:326–339.
 *
 * @param {Increment} increment
 * @param {{ random: () => number, runs?: number }} options
 */
export function oracleExposure(increment, { random, runs = 999 }) {
  return quantile(
    Array.from({ length: runs }, () => requestsUntilCertain(increment, random)),
    0.5,
  )
}

function requestsUntilCertain(increment, random) {
  let evidence = 0
  for (let request = 1; request <= MOST_REQUESTS; request++) {
    evidence += increment(random, elapsedAt(request))
    if (evidence >= BOUNDARY) return request
  }
  return Number.POSITIVE_INFINITY
}

/** When the canary's n-th request comes, at 50 requests a second: a minute at 2 %, then 10 %. */
function elapsedAt(request) {
  return request <= 60 ? request * 1_000 : 60_000 + (request - 60) * 200
}
