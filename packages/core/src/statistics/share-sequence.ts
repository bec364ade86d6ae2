import { logGamma } from './log-gamma.js'

/** Jeffreys' prior of a share: tight for rare events, and never certain. */
const PRIOR = 0.5

/** Halvings of the range in which a limit is looked for: its error is below 1e-12. */
const HALVINGS = 40

/** A share of `x` hits among `n` trials, either of which may be a fraction where requests are not independent. */
export interface ShareSequenceOptions {
  readonly n: number
  readonly x: number
  /** The chance, over all looks together, that the share ever lies outside: above 0 and below 1. */
  readonly alpha: number
}

/**
 * Limits of a share that hold at every look at once, for small counts and where nothing was hit as well.
 *
 * Inside are the shares p against which the mixture has less than 1/α of evidence:
 * ln B(x + ½, n − x + ½) − ln B(½, ½) − x ln p − (n − x) ln(1 − p) < ln(1/α). From 0 to 1 without trials, and wider than
 * nothing always. Returns fractions.
 *
 * The mixture of Robbins (1970), *Statistical methods related to the law of the iterated logarithm*, Annals of
 * Mathematical Statistics 41:1397–1409, with a beta distribution.
 *
 * @example
 * shareSequence({ n: 60, x: 0, alpha: 0.025 }) // 0 to 0.1: no error in 60 requests is no proof of none
 */
export function shareSequence({ n, x, alpha }: ShareSequenceOptions): { readonly low: number; readonly high: number } {
  if (n <= 0) return { low: 0, high: 1 }
  const mixture = logBeta(x + PRIOR, n - x + PRIOR) - logBeta(PRIOR, PRIOR)
  const isOutside = (share: number) => mixture - logLikelihood(x, n, share) >= -Math.log(alpha)
  return { low: x > 0 ? edge(0, x / n, isOutside) : 0, high: x < n ? edge(1, x / n, isOutside) : 1 }
}

/** Where the shares between one outside and one inside begin to be outside. */
function edge(outside: number, inside: number, isOutside: (share: number) => boolean): number {
  let [out, within] = [outside, inside]
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (out + within) / 2
    if (isOutside(middle)) out = middle
    else within = middle
  }
  return out
}

function logLikelihood(x: number, n: number, share: number): number {
  return (x > 0 ? x * Math.log(share) : 0) + (n > x ? (n - x) * Math.log1p(-share) : 0)
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)
