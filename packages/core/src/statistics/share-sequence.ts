import { logGamma } from './log-gamma.js'

/** Jeffreys' prior of a share: tight for rare events, and never certain. */
const PRIOR = 0.5

/** The number of bisections for a limit, for an error below 1e-12. */
const HALVINGS = 40

/** A share of `x` hits among `n` trials; both may be fractions if requests are not independent. */
export interface ShareSequenceOptions {
  readonly n: number
  readonly x: number
  /** The probability, over all looks, that the share ever lies outside: above 0 and below 1. */
  readonly alpha: number
}

/**
 * Returns limits of a share that are valid at all looks simultaneously, also for small counts and without hits.
 *
 * The interval contains the shares p against which the mixture has less evidence than 1/α:
 * ln B(x + ½, n − x + ½) − ln B(½, ½) − x ln p − (n − x) ln(1 − p) < ln(1/α). From 0 to 1 without trials; its
 * width is never 0. The limits are fractions.
 *
 * The mixture of Robbins (1970), *Statistical methods related to the law of the iterated logarithm*, Annals of
 * Mathematical Statistics 41:1397–1409, with a beta distribution.
 *
 * @example
 * shareSequence({ n: 60, x: 0, alpha: 0.025 }) // 0 to 0.1: 60 requests without errors do not prove a rate of 0
 */
export function shareSequence({ n, x, alpha }: ShareSequenceOptions): { readonly low: number; readonly high: number } {
  if (n <= 0) return { low: 0, high: 1 }
  const mixture = logBeta(x + PRIOR, n - x + PRIOR) - logBeta(PRIOR, PRIOR)
  const isOutside = (share: number) => mixture - logLikelihood(x, n, share) >= -Math.log(alpha)
  return { low: x > 0 ? edge(0, x / n, isOutside) : 0, high: x < n ? edge(1, x / n, isOutside) : 1 }
}

/** Returns the limit between a share outside and a share inside the interval, by bisection. */
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
