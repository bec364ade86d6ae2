/** The largest logarithm: its exponential is still finite, and JSON cannot represent infinity. */
export const LARGEST_LOG = 700

/**
 * Returns ln(eᵃ + eᵇ), computed in log space so that neither term overflows or is lost.
 *
 * max + ln(1 + e^(min − max)). A term of −∞, the logarithm of 0, adds nothing.
 */
export function logAdd(a: number, b: number): number {
  if (a === b) return a + Math.LN2 // also for two infinities, whose difference is NaN
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b))
}

/** Returns ln Σ eˣ by the same method; −∞ for an empty list. */
export function logSum(logs: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY
  for (const log of logs) if (log > largest) largest = log
  if (!Number.isFinite(largest)) return largest
  let sum = 0
  for (const log of logs) sum += Math.exp(log - largest)
  return largest + Math.log(sum)
}

/** Limits a logarithm to ±700. */
export function capLog(value: number): number {
  return Math.min(LARGEST_LOG, Math.max(-LARGEST_LOG, value))
}
