import { capLog } from './log-space.js'

/**
 * Returns ln e of a difference of means against "it is at most `boundary`".
 *
 * The likelihood ratio of two normal distributions with the variance of the difference, at `boundary + shift` over
 * at `boundary`: ((d − δ0)θ − θ²/2)/v. Means of capped values are close to normal at ten requests an arm; the
 * variance must come from earlier blocks, since a variance from the same block correlates with its mean. Unlike the
 * evidence on counts, it is valid only asymptotically.
 *
 * `difference` is d, canary less baseline, `variance` its variance, `shift` the alternative's distance θ > 0 from
 * the boundary. Without variance there is no scale, and the result is 0 (no evidence).
 *
 * Wald (1945), Annals of Mathematical Statistics 16:117–186; for the limit, Waudby-Smith, Arbour, Sinha, Kennedy,
 * Ramdas (2024), Annals of Statistics 52:2613–2640, arXiv 2103.06476.
 */
export function logExceedsEvidence(difference: number, variance: number, boundary: number, shift: number): number {
  return logShiftEvidence(difference - boundary, variance, shift)
}

/**
 * Returns ln e of a difference of means against "it is at least `boundary`".
 *
 * The mirror image of `logExceedsEvidence`: ((δ0 − d)θ − θ²/2)/v, with the alternative θ > 0 below the boundary.
 */
export function logStaysBelowEvidence(difference: number, variance: number, boundary: number, shift: number): number {
  return logShiftEvidence(boundary - difference, variance, shift)
}

function logShiftEvidence(distance: number, variance: number, shift: number): number {
  return variance > 0 ? capLog((distance * shift - (shift * shift) / 2) / variance) : 0
}
