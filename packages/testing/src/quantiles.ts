/** The median of some values, and the limits between which 90 % of them lie. */
export interface Quantiles {
  readonly median: number
  readonly p5: number
  readonly p95: number
}

/**
 * Returns quantiles that occurred in the data: the smallest value that at least the given percentage of all values do
 * not exceed. `null` without data.
 *
 * Hyndman and Fan (1996), The American Statistician 50:361–365, definition 1.
 */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  const at = (percent: number): number => sorted[Math.ceil((sorted.length * percent) / 100) - 1]!
  return { median: at(50), p5: at(5), p95: at(95) }
}
