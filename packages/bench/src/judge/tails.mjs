import { normalTail } from './draws.mjs'

/** The 99th percentile of a standard normal number. */
const Z_99 = 2.3263478740408408

/**
 * P(X > threshold) of a lognormal X.
 *
 * @param {number} meanMs
 * @param {number} sigma
 * @param {number} thresholdMs
 */
export function beyond(meanMs, sigma, thresholdMs) {
  return normalTail((Math.log(thresholdMs / meanMs) + sigma ** 2 / 2) / sigma)
}

/**
 * The 99th percentile of a lognormal latency.
 *
 * @param {number} meanMs
 * @param {number} [sigma]
 */
export function p99Of(meanMs, sigma = 0.7) {
  return meanMs * Math.exp(Z_99 * sigma - sigma ** 2 / 2)
}

/**
 * Returns the tolerable share of latencies beyond 1.5 times the baseline's p99.
 *
 * It is half of the way from the baseline's share to the 1 % at the margin.
 *
 * @param {number} meanMs of the baseline
 * @param {number} [sigma]
 */
export function toleratedTail(meanMs, sigma = 0.7) {
  return (beyond(meanMs, sigma, 1.5 * p99Of(meanMs, sigma)) + 0.01) / 2
}
