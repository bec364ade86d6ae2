export function sequenceHalfWidth({
  n,
  alpha,
  tunedFor,
}: {
  readonly n: number
  readonly alpha: number
  readonly tunedFor: number
}): number {
  const log = 2 * Math.log(2 * alpha)
  const rho = (-log + Math.log(1 - log)) / tunedFor
  const k = n * rho
  return Math.sqrt(((2 * (k + 1)) / k) * Math.log(1 + Math.sqrt(k + 1) / (2 * alpha)))
}
