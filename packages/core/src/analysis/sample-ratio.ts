import type { ByVariant } from '../vocabulary.js'
import { logGamma } from './log-gamma.js'
export function logSampleRatioEvidence(counts: ByVariant<number>, canaryShare: number): number {
  const a = 100
  const n = counts.baseline + counts.canary
  const term = (count: number, theta: number) =>
    logGamma(a * theta + count) - logGamma(a * theta) - count * Math.log(theta)
  return logGamma(a) - logGamma(a + n) + term(counts.canary, canaryShare) + term(counts.baseline, 1 - canaryShare)
}
