import {
  type Canary,
  createCanary,
  errorRate,
  evidenceJudge,
  latency,
  linearPlan,
  predictionShift,
  stickyStrategy,
  unansweredRate,
} from '@model-canary/core'
import type { StateStore } from '@model-canary/core/controller'
import type { Pace } from './pace.js'

/** The name of the rollout. */
export const NAME = 'sentiment'

/** The canary of each worker. They differ in nothing: the store makes them one rollout. */
export function clusterCanary(store: StateStore, pace: Pace): Canary<'v1' | 'v2'> {
  const { minDurationMs, minRequests, intervalMs, warmUpWeight, judge } = pace
  return createCanary({
    name: NAME,
    versions: { baseline: 'v1', canary: 'v2' },
    store,
    strategy: stickyStrategy({ salt: 'express-cluster' }), // a user stays on one version, whichever worker answers
    plan: linearPlan([20, 50, 100], { minDurationMs, minRequests }),
    guardrails: [
      errorRate({ margin: 0.02 }),
      unansweredRate({ margin: 0.02 }),
      latency({ marginMs: 50 }),
      predictionShift({ margin: 0.25 }),
    ],
    judge: evidenceJudge(judge),
    warmUp: { weight: warmUpWeight, durationMs: minDurationMs },
    bake: { durationMs: minDurationMs },
    intervalMs,
    logger: false, // the worker prints decisions with its process id
  })
}
