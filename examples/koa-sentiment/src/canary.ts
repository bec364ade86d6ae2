import {
  type Canary,
  createCanary,
  type EvidenceJudgeOptions,
  errorRate,
  evidenceJudge,
  latency,
  linearPlan,
  predictionShift,
  stickyStrategy,
  unansweredRate,
} from '@model-canary/core'
import type { StateStore } from '@model-canary/core/controller'

/** How fast the rollout goes. */
export interface Pace {
  readonly minDurationMs: number
  readonly minRequests: number
  readonly intervalMs: number
  /** The judge's options: its defaults, except in a test. */
  readonly judge?: EvidenceJudgeOptions
  /** Keeps the rollout over a restart; without it, the rollout is in memory. */
  readonly store?: StateStore
}

/** About fifteen minutes from 10 to 100 percent, if there is enough traffic. */
export const CAREFUL: Pace = { minDurationMs: 300_000, minRequests: 1_000, intervalMs: 15_000 }

/** The whole configuration of the rollout. Each user stays on one version. */
export function sentimentCanary({ minDurationMs, minRequests, intervalMs, judge, store }: Pace): Canary<'v1' | 'v2'> {
  return createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: stickyStrategy({ salt: 'koa-sentiment' }),
    plan: linearPlan([10, 50, 100], { minDurationMs, minRequests }),
    guardrails: [
      errorRate({ margin: 0.02 }),
      unansweredRate({ margin: 0.02 }),
      latency({ marginMs: 50 }),
      predictionShift({ margin: 0.25 }),
    ],
    judge: evidenceJudge(judge),
    warmUp: { durationMs: minDurationMs },
    bake: { durationMs: minDurationMs },
    ...(store && { store }),
    intervalMs,
  })
}
