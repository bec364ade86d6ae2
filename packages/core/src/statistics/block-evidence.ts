import type { ByVariant } from '../foundation/vocabulary.js'
import { LARGEST_LOG } from './log-space.js'

/** The counts of one arm of a block for a yes/no metric: `n` trials with `x` hits. */
export interface BinomialCounts {
  readonly n: number
  readonly x: number
}

/** Newton's method usually takes four steps, at most eleven; bisection alone would end within this number. */
const MOST_STEPS = 60

/** A step below this part of the distance to the nearest pole leaves an error of its square. */
const TOLERANCE = 1e-7

/**
 * Returns the member of the null hypothesis `canary − baseline = delta0` that is closest to an alternative.
 *
 * Reverse information projection: among the pairs of rates on the boundary, the one that minimises the
 * Kullback–Leibler divergence of a mixed request, q = p_b0 and p_c0 = q + δ0 with
 * q = argmin w·KL(p_c1 ‖ q + δ0) + (1 − w)·KL(p_b1 ‖ q). Only against this pair, the
 * likelihood ratio of the alternative is an e-variable for every pair of rates of the null.
 *
 * `canaryShare` is w, above 0 and below 1. The alternative's rates lie between 0 and 1, exclusive; if they
 * lie more than δ0 apart, the null is `≤ δ0`, otherwise `≥ δ0`.
 *
 * Turner, Ly, Grünwald (2024), JSPI 230:106108, arXiv 2106.02693; Turner, Grünwald (2023), arXiv 2302.11401.
 */
export function project(alternative: ByVariant<number>, delta0: number, canaryShare: number): ByVariant<number> {
  const baseline = projectBaseline(alternative.canary, alternative.baseline, delta0, canaryShare)
  return { baseline, canary: baseline + delta0 }
}

/**
 * Returns ln e of one block: the log-likelihood ratio of an alternative to the closest member of the null.
 *
 * Exact for every block size. The null's rates may change from block to block, so that a drift or an incident
 * in both arms cannot accumulate: E[e] ≤ 1 wherever p_c − p_b lies on the other side of `delta0` than the
 * alternative. The same function serves both directions: to refute "at most δ0 more" the alternative lies further apart
 * than δ0, to refute "at least δ0 more" it lies closer.
 *
 * log e = x_c ln(p_c1/p_c0) + (n_c − x_c) ln((1 − p_c1)/(1 − p_c0)) + the same of the baseline, with p₀ from
 * `project` at w = n_c/(n_c + n_b). With f(p) = p·p₁/p₀ + (1 − p)(1 − p₁)/(1 − p₀) of an arm, the projection gives
 * w·f_c + (1 − w)·f_b ≤ 1 on the null, hence E[e] = f_c^n_c · f_b^n_b ≤ 1 by the inequality of the means.
 *
 * The alternative must not depend on the block. Returns 0 (no evidence) if an arm is empty.
 *
 * Turner, Ly, Grünwald (2024), JSPI 230:106108, arXiv 2106.02693.
 *
 * @example
 * const block = { canary: { n: 300, x: 12 }, baseline: { n: 2_700, x: 27 } }
 * logBlockEvidence(block, { canary: 0.04, baseline: 0.01 }, 0.01) // 2.21: e = 9.2 against "at most a point more"
 */
export function logBlockEvidence(
  block: ByVariant<BinomialCounts>,
  alternative: ByVariant<number>,
  delta0: number,
): number {
  const { baseline, canary } = block
  if (baseline.n === 0 || canary.n === 0) return 0
  const share = canary.n / (canary.n + baseline.n)
  const rate = projectBaseline(alternative.canary, alternative.baseline, delta0, share)
  const log =
    logLikelihoodRatio(canary, alternative.canary, rate + delta0) +
    logLikelihoodRatio(baseline, alternative.baseline, rate)
  return Math.min(LARGEST_LOG, log) // a margin of 1 can be refuted outright
}

/** Returns the log-likelihood ratio of one rate to another; outcomes with a count of 0 contribute nothing. */
export function logLikelihoodRatio({ n, x }: BinomialCounts, rate: number, otherRate: number): number {
  const ofHits = x > 0 ? x * Math.log(rate / otherRate) : 0
  return n > x ? ofHits + (n - x) * Math.log((1 - rate) / (1 - otherRate)) : ofHits
}

/**
 * Returns the projection's p_b0: the root of the gradient of the divergence, by Newton's method.
 *
 * w(q + δ0 − p_c1)/((q + δ0)(1 − q − δ0)) + (1 − w)(q − p_b1)/(q(1 − q)) = 0.
 * The denominators are multiplied out, because a cubic has no poles. The divergence is convex in q, so there is one
 * root between p_b1 and p_c1 − δ0; a step that would leave the bracket is replaced by a bisection.
 */
function projectBaseline(canary: number, baseline: number, delta0: number, share: number): number {
  const wanted = canary - delta0 // the optimal q for the canary alone
  let low = Math.max(0, -delta0, Math.min(baseline, wanted))
  let high = Math.min(1, 1 - delta0, Math.max(baseline, wanted))
  let q = share * wanted + (1 - share) * baseline
  if (!(q >= low && q <= high)) q = (low + high) / 2
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const c = q + delta0
    const ofBaseline = q * (1 - q)
    const ofCanary = c * (1 - c)
    const value = share * (q - wanted) * ofBaseline + (1 - share) * (q - baseline) * ofCanary
    const slope =
      share * (ofBaseline + (q - wanted) * (1 - 2 * q)) + (1 - share) * (ofCanary + (q - baseline) * (1 - 2 * c))
    if (value > 0) high = q
    else low = q
    const newton = q - value / slope
    const next = newton >= low && newton <= high ? newton : (low + high) / 2
    const moved = Math.abs(next - q)
    q = next
    if (moved <= TOLERANCE * Math.min(ofBaseline, ofCanary)) break
  }
  return q
}
