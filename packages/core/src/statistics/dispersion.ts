import { type Moments, meanOf, varianceOf } from './moments.js'
import { total } from './total.js'

/** Squared differences between successive windows, as a sum over pairs, and the largest two of them. */
export interface Spread {
  readonly sum: number
  readonly pairs: number
  /** The largest ones, at most two, falling. */
  readonly largest: readonly number[]
}

/** The noise is not estimated from fewer pairs, or from fewer places with requests. */
const FEWEST_PAIRS = 10
const FEWEST_PLACES = 8

/** The number of largest pairs that are kept. One incident makes two: its beginning and its end. */
const LARGEST_KEPT = 2

/** The largest pairs are left out of no fewer pairs than these. */
const FEWEST_TO_TRIM = 20

/** Without its two largest pairs, the mean of 20 to 160 pairs of independent windows is about a fifth too small. */
const TRIMMED_FACTOR = 1.25

/** The spread without any pairs. */
export const noSpread: Spread = /* @__PURE__ */ Object.freeze({ sum: 0, pairs: 0, largest: Object.freeze([]) })

/** Returns the spread with one more pair. */
export function addSquare({ sum, pairs, largest }: Spread, square: number): Spread {
  return { sum: sum + square, pairs: pairs + 1, largest: largestOf([...largest, square]) }
}

/** Adds a pair of successive windows: (x̄ − x̄')² / (1/n + 1/n'), whose mean is σ² for independent requests. */
export function addPair(spread: Spread, before: Moments, after: Moments): Spread {
  if (before.count === 0 || after.count === 0) return spread
  const step = after.sum / after.count - before.sum / before.count
  return addSquare(spread, step ** 2 / (1 / before.count + 1 / after.count))
}

/** Returns the sum of two spreads. */
export function mergeSpreads(a: Spread, b: Spread): Spread {
  return { sum: a.sum + b.sum, pairs: a.pairs + b.pairs, largest: largestOf([...a.largest, ...b.largest]) }
}

const largestOf = (squares: readonly number[]): readonly number[] =>
  squares.toSorted((a, b) => b - a).slice(0, LARGEST_KEPT)

/**
 * Returns how many times more the windows of the baseline vary than windows of independent requests would.
 *
 * The mean square successive difference (von Neumann, Kent, Bellinson and Hart, 1941, Ann. Math. Stat.
 * 12:153–162) over σ²: it hardly responds to a slow drift, but to bursts. Returns 1 if there are too few data.
 */
export function dispersionOverTime({ sum, pairs }: Spread, all: Moments): number {
  const variance = varianceOf(all)
  if (pairs < FEWEST_PAIRS || variance === undefined || !(variance > 0)) return 1
  return sum / pairs / variance
}

/**
 * Returns `dispersionOverTime` without the two largest pairs, times 1.25: one incident does not count.
 *
 * With fewer than 20 pairs nothing is left out.
 */
export function trimmedDispersionOverTime(spread: Spread, all: Moments): number {
  if (spread.pairs < FEWEST_TO_TRIM) return dispersionOverTime(spread, all)
  const [first = 0, second = 0] = spread.largest
  const rest = { ...spread, sum: Math.max(0, spread.sum - first - second), pairs: spread.pairs - LARGEST_KEPT }
  return TRIMMED_FACTOR * dispersionOverTime(rest, all)
}

/**
 * Returns how many times more the places into which users are hashed vary than with independent requests.
 *
 * Pearson's χ² of the places' means over its degrees of freedom: large if a few heavy users behave differently,
 * whom a sticky split permanently assigns to one arm. Returns 1 if there are too few data.
 */
export function dispersionOverUsers(counts: readonly number[], sums: readonly number[], variance: number): number {
  const all: Moments = { count: total(counts), sum: total(sums), sumOfSquares: 0 }
  const mean = meanOf(all)
  const places = counts.reduce((filled, count) => (count > 0 ? filled + 1 : filled), 0)
  if (mean === undefined || places < FEWEST_PLACES || !(variance > 0)) return 1
  const chiSquare =
    counts.reduce((sum, n, place) => (n > 0 ? sum + (sums[place]! - n * mean) ** 2 / n : sum), 0) / variance
  return chiSquare / (places - 1)
}
