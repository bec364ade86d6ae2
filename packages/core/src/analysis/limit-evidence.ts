import type { Counts } from './block-evidence.js'
export function logLimitEvidence(canary: Counts, alternative: number, limit: number): number {
  if (!(alternative > limit) || limit <= 0) return 0
  return canary.x * Math.log(alternative / limit) + (canary.n - canary.x) * Math.log((1 - alternative) / (1 - limit))
}
