/**
 * Returns z with P(Z > z) = p for a standard normal Z and 0 < p ≤ ½, within .00045.
 *
 * Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.2.23.
 */
export function upperNormalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  return t - above / below
}
