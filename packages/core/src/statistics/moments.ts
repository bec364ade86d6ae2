/** Count, sum and sum of squares of a quantity: sufficient for its mean and variance, mergeable by addition. */
export interface Moments {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}

/** The largest magnitude whose squares can be summed a trillion times without an overflow. */
export const LARGEST_VALUE = 1e140

/** The moments of nothing. */
export const noMoments: Moments = /* @__PURE__ */ Object.freeze({ count: 0, sum: 0, sumOfSquares: 0 })

/** The moments of both together. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  return { count: a.count + b.count, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares }
}

/**
 * The moments of what was added since `before`, or `undefined` where the count fell.
 * Where the count stands, nothing was added: rounding leaves no ghost of a sum.
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

/** The mean, or `undefined` of nothing. */
export function meanOf({ count, sum }: Moments): number | undefined {
  return count > 0 ? sum / count : undefined
}

/** The sample variance (divided by n − 1), never below 0; `undefined` below two values. */
export function varianceOf({ count, sum, sumOfSquares }: Moments): number | undefined {
  if (count < 2) return undefined
  return Math.max(0, (sumOfSquares - (sum / count) * sum) / (count - 1))
}
