/** Count, sum and sum of squares of a quantity: sufficient for its mean and variance, mergeable by addition. */
export interface Moments {
  /** How many values. */
  readonly count: number
  /** Their sum. */
  readonly sum: number
  /** The sum of their squares. */
  readonly sumOfSquares: number
}

/** The largest magnitude whose squares can be summed a trillion times without an overflow. */
export const LARGEST_VALUE = 1e140

/** The moments of an empty sample. */
export const noMoments: Moments = /* @__PURE__ */ Object.freeze({ count: 0, sum: 0, sumOfSquares: 0 })

/** Returns the moments of both samples together. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  return { count: a.count + b.count, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares }
}

/**
 * Returns the moments of the values added since `before`, or `undefined` if the count fell.
 * If the count is unchanged, the result is empty: rounding must not leave a residual sum.
 */
export function subtractMoments(now: Moments, before: Moments): Moments | undefined {
  if (now.count < before.count) return undefined
  if (now.count === before.count) return noMoments
  return {
    count: now.count - before.count,
    sum: now.sum - before.sum,
    sumOfSquares: Math.max(0, now.sumOfSquares - before.sumOfSquares),
  }
}

/** Returns the mean, or `undefined` without values. */
export function meanOf({ count, sum }: Moments): number | undefined {
  return count > 0 ? sum / count : undefined
}

/** Returns the sample variance (divisor n − 1), never below 0; `undefined` for fewer than two values. */
export function varianceOf({ count, sum, sumOfSquares }: Moments): number | undefined {
  if (count < 2) return undefined
  return Math.max(0, (sumOfSquares - (sum / count) * sum) / (count - 1))
}
