import { type BinomialCounts, logLikelihoodRatio } from './block-evidence.js'
import { LARGEST_LOG } from './log-space.js'

/**
 * Returns ln e of one block of the canary alone against "its rate is at most `limit`".
 *
 * A comparison with the baseline does not detect that both arms are bad; an absolute limit does. The likelihood
 * ratio x ln(p₁/p₀) + (n − x) ln((1 − p₁)/(1 − p₀)) of a rate p₁ above p₀ = limit is an e-variable for every rate up
 * to the limit: E[e] = f(p)ⁿ, where f rises in p and is 1 at p₀.
 *
 * `alternative` is p₁, above the limit and below 1; otherwise the result is 0 (no evidence). It must not depend on the
 * block. A limit of 0 is refuted by a single hit.
 *
 * Wald (1945), Annals of Mathematical Statistics 16:117–186.
 */
export function logLimitEvidence(canary: BinomialCounts, alternative: number, limit: number): number {
  if (!(alternative > limit)) return 0
  return Math.min(LARGEST_LOG, logLikelihoodRatio(canary, alternative, limit))
}
