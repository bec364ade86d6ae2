/** Smaller arguments are raised first, so that Stirling's series is exact to double precision. */
const LARGE_ENOUGH = 12

/** B₂ₖ / (2k(2k−1)): the coefficients of Stirling's series, for k = 1 … 7. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]

/**
 * Returns the natural logarithm of the gamma function, for x above 0.
 *
 * Γ(x) = Γ(x + n) / (x(x + 1)…(x + n − 1)) raises a small x to where Stirling's series converges:
 * ln Γ(x) ≈ (x − ½) ln x − x + ½ ln 2π + Σ B₂ₖ / (2k(2k−1) x²ᵏ⁻¹).
 *
 * NIST Digital Library of Mathematical Functions, 5.5.1 and 5.11.1.
 */
export function logGamma(x: number): number {
  let product = 1
  let raised = x
  for (; raised < LARGE_ENOUGH; raised += 1) product *= raised
  const series = STIRLING.reduceRight((sum, coefficient) => sum / (raised * raised) + coefficient, 0) / raised
  return (raised - 0.5) * Math.log(raised) - raised + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
}
