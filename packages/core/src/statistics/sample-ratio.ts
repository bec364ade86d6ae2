import type { ByVariant } from '../foundation/vocabulary.js'
import { logGamma } from './log-gamma.js'

/** The concentration of the alternatives around the planned split, as a number of pseudo-requests. */
const CONCENTRATION = 100

/**
 * Returns ln E of the requests counted so far against "the canary's share is as planned": a sample-ratio mismatch.
 *
 * Requests that are lost in one arm bias every comparison, and a χ² test that is looked at again and again finds
 * a mismatch in any split sooner or later. This is an e-process: the likelihood of the counts, averaged over a
 * Dirichlet distribution of splits around the planned one, over that of the planned one. For any number of looks,
 * E ≥ 1/α happens with probability at most α.
 *
 * ln E = lnΓ(A) − lnΓ(A + n) + Σ [lnΓ(aᵢ + nᵢ) − lnΓ(aᵢ) − nᵢ ln θᵢ], with a = A·θ and A = 100.
 *
 * `canaryShare` is the planned θ of the canary as a fraction, above 0 and below 1. For counts of requests that are
 * split at random one by one: a split of users needs a count of users.
 *
 * Lindon, Malek (2022), NeurIPS 35, arXiv 2011.03567.
 */
export function logSampleRatioEvidence({ baseline, canary }: ByVariant<number>, canaryShare: number): number {
  return (
    logGamma(CONCENTRATION) -
    logGamma(CONCENTRATION + baseline + canary) +
    logArm(canary, canaryShare) +
    logArm(baseline, 1 - canaryShare)
  )
}

function logArm(count: number, share: number): number {
  const prior = CONCENTRATION * share
  return logGamma(prior + count) - logGamma(prior) - count * Math.log(share)
}
