import type { EvidenceJudgeOptions } from '@model-canary/core'

/** How fast the rollout goes. */
export interface Pace {
  readonly minDurationMs: number
  readonly minRequests: number
  readonly intervalMs: number
  /** The canary's share in the warm-up, in percent. */
  readonly warmUpWeight: number
  /** The judge's options: its defaults, except to watch a rollout. */
  readonly judge?: EvidenceJudgeOptions
}

/** About fifteen minutes from 20 to 100 percent, if there is enough traffic. */
const CAREFUL: Pace = { minDurationMs: 300_000, minRequests: 1_000, intervalMs: 15_000, warmUpWeight: 2 }

/** About half a minute, to watch. All processes report once a second, so a shorter tick would often see nothing new. */
const FAST: Pace = {
  minDurationMs: 3_000,
  minRequests: 100,
  intervalMs: 1_000,
  warmUpWeight: 10,
  judge: { tickMs: 1_000, minWindows: 5, thresholdWindows: 3, graceMs: 3_000, minStepMs: 3_000, meanBlockMs: 1_000 },
}

/** The paces by their names. */
export const PACES: ReadonlyMap<string, Pace> = new Map([
  ['careful', CAREFUL],
  ['fast', FAST],
])
