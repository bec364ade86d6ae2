/** The largest logarithm that is kept: its exponential is still a number, and JSON knows no infinity. */
export const LARGEST_LOG = 700

/**
 * ln(eᵃ + eᵇ), without leaving the logarithms: neither term overflows or is lost.
 *
 * max + ln(1 + e^(min − max)). The logarithm of nothing, −∞, adds nothing.
 */
export function logAdd(a: number, b: number): number {
  if (a === b) return a + Math.LN2 // also two infinities, whose difference is no number
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b))
}

/** ln Σ eˣ over all of them, by the same method; −∞ of none. */
export function logSum(logs: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY
  for (const log of logs) if (log > largest) largest = log
  if (!Number.isFinite(largest)) return largest
  let sum = 0
  for (const log of logs) sum += Math.exp(log - largest)
  return largest + Math.log(sum)
}

/** A logarithm brought into what is kept, ±700. */
export function capLog(value: number): number {
  return Math.min(LARGEST_LOG, Math.max(-LARGEST_LOG, value))
}
