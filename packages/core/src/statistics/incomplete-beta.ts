import { logGamma } from './log-gamma.js'

/** Replaces a denominator of zero in Lentz's algorithm. */
const TINY = 1e-300

/** About √max(a, b) rounds are needed; this is enough for a billion degrees of freedom. */
const MOST_ROUNDS = 100_000

/**
 * Returns the regularised incomplete beta function I_x(a, b), for a, b above 0 and x from 0 to 1.
 *
 * The continued fraction converges fast for x below (a + 1)/(a + b + 2); beyond it the symmetry
 * I_x(a, b) = 1 − I_{1−x}(b, a) is used. A caller that knows 1 − x more precisely than by
 * subtraction passes it as `complement`, which has all the precision near x = 1.
 *
 * NIST Digital Library of Mathematical Functions, 8.17.4 and 8.17.22.
 */
export function incompleteBeta(x: number, a: number, b: number, complement = 1 - x): number {
  if (x <= 0) return 0
  if (complement <= 0) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(complement, b, a, x)
  const logPowers = a * logOf(x, complement) + b * logOf(complement, x)
  const logFront = logPowers + logGamma(a + b) - logGamma(a) - logGamma(b)
  return Math.exp(logFront) / (a * continuedFraction(x, a, b))
}

/** Returns ln x, from x or 1 − x, whichever is more precise. */
function logOf(x: number, complement: number): number {
  return x > 0.5 ? Math.log1p(-complement) : Math.log(x)
}

/** 1 + d₁/(1 + d₂/(1 + …)), from the front by the modified Lentz algorithm (Thompson and Barnett, 1986). */
function continuedFraction(x: number, a: number, b: number): number {
  let value = 1
  let upper = 1
  let lower = 0
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const d = coefficient(round, x, a, b)
    lower = 1 / awayFromZero(1 + d * lower)
    upper = awayFromZero(1 + d / upper)
    const factor = upper * lower
    value *= factor
    if (Math.abs(factor - 1) < 2 * Number.EPSILON) break
  }
  return value
}

/** dₙ of 8.17.23: even and odd coefficients have different forms. */
function coefficient(n: number, x: number, a: number, b: number): number {
  const m = Math.floor(n / 2)
  if (n % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
  return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
