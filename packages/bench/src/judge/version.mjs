import { labels, lognormal } from './draws.mjs'

/** The usual service: 1 % errors, lognormal latency, two classes. */
export const USUAL = Object.freeze({
  errorRate: 0.01,
  latency: lognormal(120),
  predict: labels({ positive: 0.6, negative: 0.4 }),
})

/**
 * A simulated version. Its figures may depend on the time, the weight or the key of a call.
 *
 * @param {object} [figures]
 * @param {number | ((context: import('@model-canary/testing').CallContext) => number)} [figures.errorRate]
 * @param {(random: () => number, context: import('@model-canary/testing').CallContext) => number} [figures.latency]
 * @param {(random: () => number, context: import('@model-canary/testing').CallContext) => string} [figures.predict]
 * @returns {(context: import('@model-canary/testing').CallContext) => import('@model-canary/testing').SimulatedCall}
 */
export function versionOf(figures = {}) {
  const { errorRate, latency, predict } = { ...USUAL, ...figures }
  const rateIn = typeof errorRate === 'function' ? errorRate : () => errorRate
  return (context) => {
    const { random } = context
    const durationMs = latency(random, context)
    if (random() < rateIn(context)) return { durationMs, outcome: 'error' }
    return { durationMs, prediction: predict(random, context) }
  }
}

/**
 * Errors that come in runs of `length` calls, `rate` of all calls in the long run.
 *
 * A run begins with a chance s after each good call. A cycle is (1 − s)/s good calls on average and `length` bad
 * ones, so that s = rate / (rate + length·(1 − rate)). Each version has runs of its own: make one for each.
 *
 * @param {number} rate
 * @param {number} length
 * @returns {(context: { random: () => number }) => number} 1 for an error, 0 for none
 */
export function inRuns(rate, length) {
  const start = rate / (rate + length * (1 - rate))
  let left = 0
  return ({ random }) => {
    if (left === 0 && random() < start) left = length
    if (left === 0) return 0
    left -= 1
    return 1
  }
}
