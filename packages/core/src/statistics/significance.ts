import type { ByVariant } from '../foundation/vocabulary.js'
import type { Moments } from './moments.js'

/** A test of "the canary's mean is higher", on counts, sums and sums of squares alone. */
export interface SignificanceTest {
  readonly name: string
  /** How often an unchanged canary may be called worse, per look. */
  readonly alpha: number
  /** The one-sided p-value, or `undefined` where the data allow no decision. */
  pValueOf(moments: ByVariant<Moments>): number | undefined
}
