/** Count, sum and sum of squares of a quantity: sufficient for its mean and variance, mergeable by addition. */
export interface Moments {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}
