import { errorRate, linearPlan, thresholdJudge } from '@model-canary/core'
import type { ControllerOptions } from '@model-canary/core/controller'
import { emptySummary, type Summary } from '@model-canary/core/judge'

/** Returns the counts of a version that has finished so many calls. */
export const arm = (success: number, error = 0): Summary => ({
  ...emptySummary(),
  begun: success + error,
  outcomes: { ...emptySummary().outcomes, success, error },
})

/** Options of a rollout that is promoted within a second of real time. */
export const QUICK = {
  name: 'sentiment',
  plan: linearPlan([10, 100], { minDurationMs: 50, minRequests: 1 }),
  warmUp: { durationMs: 0 },
  bake: { durationMs: 0 },
  guardrails: [errorRate({ margin: 0.02 })],
  judge: thresholdJudge({ minSamples: 100 }),
  intervalMs: 20,
} as const satisfies Partial<ControllerOptions>
