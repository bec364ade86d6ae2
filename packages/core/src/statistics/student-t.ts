import { incompleteBeta } from './incomplete-beta.js'

/**
 * Returns the upper tail of Student's t distribution: P(T > t) with the given degrees of freedom.
 *
 * For t above 0 it is ½ I_x(ν/2, ½) with x = ν/(ν + t²); the rest follows by symmetry.
 *
 * Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1 with 26.5.27.
 */
export function studentTail(t: number, degreesOfFreedom: number): number {
  const whole = degreesOfFreedom + t * t
  const tail = incompleteBeta(degreesOfFreedom / whole, degreesOfFreedom / 2, 0.5, (t * t) / whole) / 2
  return t < 0 ? 1 - tail : tail
}
