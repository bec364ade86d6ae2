import type { ByVariant } from '../foundation/vocabulary.js'
import { addSquare, type Spread } from './dispersion.js'
import { type Moments, mergeMoments } from './moments.js'

/** A window counts if each arm has at least this many requests. */
const FEWEST_REQUESTS = 5

/** The windows of a rollout count from this many pairs. */
const FEWEST_PAIRS = 4

/** The number of pairs that the dispersion known before the rollout counts as. */
const PAST_PAIRS = 20

/** The requests of two windows vary at least by this part of the baseline's variance. */
const LEAST_VARIANCE = 0.5

/** Returns whether an arm has enough requests in a window. */
export const isEnough = ({ count }: Moments): boolean => count >= FEWEST_REQUESTS

/**
 * Adds two successive windows of both arms: (d' − d)² / (σ²_c (1/n_c + 1/n_c') + σ²_b (1/n_b + 1/n_b')), whose mean is
 * 1 for independent requests.
 *
 * d is the difference of the arms' means, and σ² of an arm is the variance of its requests in both windows, at least
 * half of `usual`. What happens to both arms at once does not move d, and raises both σ². A difference that lasts does
 * not count either: only its changes do.
 */
export function addDifference(
  spread: Spread,
  before: ByVariant<Moments>,
  after: ByVariant<Moments>,
  usual: number,
): Spread {
  const change = differenceOf(after) - differenceOf(before)
  const expected = errorOf(before.baseline, after.baseline, usual) + errorOf(before.canary, after.canary, usual)
  return addSquare(spread, expected > 0 ? change ** 2 / expected : 0) // 0: nothing has ever varied, and nothing moved
}

/** Adds two successive windows of one arm: (x̄' − x̄)² / (σ² (1/n + 1/n')). */
export function addChange(spread: Spread, before: Moments, after: Moments, usual: number): Spread {
  const change = after.sum / after.count - before.sum / before.count
  const expected = errorOf(before, after, usual)
  return addSquare(spread, expected > 0 ? change ** 2 / expected : 0)
}

/** Returns the expected square of the difference of an arm's means in two windows of independent requests. */
function errorOf(before: Moments, after: Moments, usual: number): number {
  const { count, sum, sumOfSquares } = mergeMoments(before, after)
  const variance = Math.max(sumOfSquares / count - (sum / count) ** 2, LEAST_VARIANCE * usual)
  return variance * (1 / before.count + 1 / after.count)
}

/**
 * Returns the dispersion of a rollout's differences, together with what was known before the rollout:
 * (20·φ_past + n·φ_d)/(20 + n), where φ_d is the mean of the n pairs without the largest, and at least 1.
 *
 * The largest is left out because harm that begins makes one jump, and is no noise.
 */
export function dispersionOfDifferences({ sum, pairs, largest }: Spread, past: number): number {
  const known = Math.max(1, past)
  if (pairs < FEWEST_PAIRS) return known
  const found = Math.max(0, sum - (largest[0] ?? 0)) / (pairs - 1)
  return Math.max(1, (PAST_PAIRS * known + pairs * found) / (PAST_PAIRS + pairs))
}

const differenceOf = ({ baseline, canary }: ByVariant<Moments>): number =>
  canary.sum / canary.count - baseline.sum / baseline.count
