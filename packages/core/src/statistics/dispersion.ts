import { type Moments, meanOf, varianceOf } from './moments.js'

/** How much successive windows of the baseline differ, as a sum over pairs of them. */
export interface Spread {
  readonly sum: number
  readonly pairs: number
}

/** Fewer pairs, or fewer places with any request, say nothing of the noise. */
const FEWEST_PAIRS = 10
const FEWEST_PLACES = 8

/** Nothing has been compared. */
export const noSpread: Spread = /* @__PURE__ */ Object.freeze({ sum: 0, pairs: 0 })

/** Compares one more pair of successive windows: (x̄ − x̄')² / (1/n + 1/n'), which averages σ² where all is independent. */
export function addPair(spread: Spread, before: Moments, after: Moments): Spread {
  if (before.count === 0 || after.count === 0) return spread
  const step = after.sum / after.count - before.sum / before.count
  return { sum: spread.sum + step ** 2 / (1 / before.count + 1 / after.count), pairs: spread.pairs + 1 }
}

/** Both spreads together. */
export function mergeSpreads(a: Spread, b: Spread): Spread {
  return { sum: a.sum + b.sum, pairs: a.pairs + b.pairs }
}

/**
 * How many times the windows of the baseline vary more than independent requests would.
 *
 * The mean square successive difference (von Neumann, Kent, Bellinson and Hart, 1941, Ann. Math. Stat.
 * 12:153–162) over σ²: a slow drift hardly shows in it, bursts do. 1 where too little has been seen.
 */
export function dispersionOverTime({ sum, pairs }: Spread, all: Moments): number {
  const variance = varianceOf(all)
  if (pairs < FEWEST_PAIRS || variance === undefined || !(variance > 0)) return 1
  return sum / pairs / variance
}

/**
 * How many times the places into which users are hashed vary more than independent requests would.
 *
 * Pearson's χ² of the places' means over its degrees of freedom: large where a few heavy users have ways
 * of their own, whom a sticky split puts into one arm for good. 1 where too little has been seen.
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

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
