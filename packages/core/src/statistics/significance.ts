import type { ByVariant } from '../foundation/vocabulary.js'
import type { Moments } from './moments.js'

/** A test of "the canary's mean is higher" that needs only counts, sums and sums of squares. */
export interface SignificanceTest {
  /** A short name for messages, such as `welch`. */
  readonly name: string
  /** How often an unchanged canary may be called worse, per look. */
  readonly alpha: number
  /** Returns the one-sided p-value, or `undefined` if the data allow no decision. */
  pValueOf(moments: ByVariant<Moments>): number | undefined
}
