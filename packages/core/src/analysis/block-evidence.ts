import type { ByVariant } from '../vocabulary.js'
export interface Counts {
  readonly n: number
  readonly x: number
}
function projectBaseline(pc1: number, pb1: number, delta0: number, w: number): number {
  let low = Math.max(0, -delta0, Math.min(pb1, pc1 - delta0))
  let high = Math.min(1, 1 - delta0, Math.max(pb1, pc1 - delta0))
  let q = w * (pc1 - delta0) + (1 - w) * pb1
  if (!(q > low && q < high)) q = (low + high) / 2
  for (let i = 0; i < 60; i++) {
    const c = q + delta0
    const vc = c * (1 - c)
    const vb = q * (1 - q)
    const g = (w * (c - pc1)) / vc + ((1 - w) * (q - pb1)) / vb
    if (g > 0) high = q
    else low = q
    const slope =
      w * (1 / vc - ((c - pc1) * (1 - 2 * c)) / (vc * vc)) + (1 - w) * (1 / vb - ((q - pb1) * (1 - 2 * q)) / (vb * vb))
    let next = q - g / slope
    if (!(next > low && next < high)) next = (low + high) / 2
    if (Math.abs(next - q) <= 1e-14 * q) return next
    q = next
  }
  return q
}
export function project(alternative: ByVariant<number>, delta0: number, canaryShare: number): ByVariant<number> {
  const baseline = projectBaseline(alternative.canary, alternative.baseline, delta0, canaryShare)
  return { canary: baseline + delta0, baseline }
}
export function logBlockEvidence(block: ByVariant<Counts>, alternative: ByVariant<number>, delta0: number): number {
  const { baseline: b, canary: c } = block
  if (b.n === 0 || c.n === 0) return 0
  const pc1 = alternative.canary
  const pb1 = alternative.baseline
  const pb0 = projectBaseline(pc1, pb1, delta0, c.n / (c.n + b.n))
  const pc0 = pb0 + delta0
  return (
    c.x * Math.log(pc1 / pc0) +
    (c.n - c.x) * Math.log((1 - pc1) / (1 - pc0)) +
    b.x * Math.log(pb1 / pb0) +
    (b.n - b.x) * Math.log((1 - pb1) / (1 - pb0))
  )
}
