/** The middle of some figures, and between what 90 % of them lie. */
export interface Quantiles {
  readonly median: number
  readonly p5: number
  readonly p95: number
}

/**
 * Quantiles that occurred: the smallest value that so many percent of all do not exceed. `null` without a value.
 *
 * Hyndman and Fan (1996), The American Statistician 50:361–365, definition 1.
 */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null
  const sorted = Float64Array.from(values).sort()
  const at = (percent: number): number => sorted[Math.ceil((sorted.length * percent) / 100) - 1]!
  return { median: at(50), p5: at(5), p95: at(95) }
}
