import type { ByVariant } from '../foundation/vocabulary.js'
import { type Moments, meanOf } from '../statistics/moments.js'
import type { ArmComparison } from './arm-comparison.js'

/** The figures of a comparison that follow from the moments of the two arms. */
export type ComparedMeans = Pick<
  ArmComparison,
  'harm' | 'baseline' | 'canary' | 'difference' | 'samples' | 'moments' | 'comparisons'
>

/** Compares the means of the two arms. `scale` converts units: with 1,000, moments in µs give means in ms. */
export function compareMeans(moments: ByVariant<Moments>, harm: ArmComparison['harm'], scale = 1): ComparedMeans {
  const baseline = meanIn(scale, moments.baseline)
  const canary = meanIn(scale, moments.canary)
  const rise = baseline === null || canary === null ? null : canary - baseline
  const mirrored = harm === 'fall' || (harm === 'move' && rise !== null && rise < 0)
  return {
    harm,
    baseline,
    canary,
    difference: mirrored && rise !== null ? -rise : rise,
    samples: { baseline: moments.baseline.count, canary: moments.canary.count },
    moments: mirrored ? { baseline: mirror(moments.baseline), canary: mirror(moments.canary) } : moments,
    comparisons: harm === 'move' ? 2 : 1, // both directions were looked at
  }
}

/** Returns the moments of a yes/no quantity: 1 for each hit, 0 for each other trial. */
export function bernoulli(hits: number, trials: number): Moments {
  return { count: trials, sum: hits, sumOfSquares: hits }
}

function meanIn(scale: number, moments: Moments): number | null {
  const mean = meanOf(moments)
  return mean === undefined ? null : mean / scale
}

function mirror(moments: Moments): Moments {
  return { ...moments, sum: -moments.sum }
}
