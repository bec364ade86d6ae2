import {
  type EvidenceJudgeOptions,
  errorRate,
  evidenceJudge,
  latency,
  linearPlan,
  unansweredRate,
} from '@model-canary/core'
import { type Controller, createController, type Target } from '@model-canary/core/controller'
import { exporterQueries, prometheusSource } from '@model-canary/prometheus'
import { ROLLOUT, VERSIONS } from './service.js'

/** How fast the rollout goes. */
export interface Pace {
  readonly minDurationMs: number
  readonly minRequests: number
  readonly intervalMs: number
  /** The judge's options: its defaults, except in a test. */
  readonly judge?: EvidenceJudgeOptions
}

/** About twenty minutes from 10 to 100 percent, if there is enough traffic. */
export const CAREFUL: Pace = { minDurationMs: 300_000, minRequests: 1_000, intervalMs: 15_000 }

/** A controller that reads Prometheus and writes to a target. No request passes through it. */
export function sentimentController(prometheus: string, target: Target, pace: Pace = CAREFUL): Controller {
  const { minDurationMs, minRequests, intervalMs, judge } = pace
  return createController({
    name: ROLLOUT,
    versions: VERSIONS,
    plan: linearPlan([10, 50, 100], { minDurationMs, minRequests }),
    guardrails: [errorRate({ margin: 0.02 }), unansweredRate({ margin: 0.02 }), latency({ marginMs: 50 })],
    judge: evidenceJudge(judge),
    warmUp: { durationMs: 0 }, // the services warm their own models
    bake: { durationMs: minDurationMs },
    maxDurationMs: 86_400_000, // a day: a canary of which nothing is heard does not stay for ever
    onStall: 'rollback',
    intervalMs,
    source: prometheusSource({ url: prometheus, queries: exporterQueries({ rollout: ROLLOUT, versions: VERSIONS }) }),
    target,
  })
}
