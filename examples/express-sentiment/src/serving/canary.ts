import {
  type Canary,
  createCanary,
  errorRate,
  evidenceJudge,
  latency,
  linearPlan,
  metric,
  predictionShift,
  stickyStrategy,
  tailLatency,
  unansweredRate,
} from '@model-canary/core'
import type { ModelPair } from '../models/model.js'
import type { Pace } from '../pace.js'
import { VERSIONS } from './models.js'

/** The canary of a new process answers these plain sentences before its first caller. */
const SAMPLES = [
  'I love this phone',
  'The food was terrible',
  'Not bad at all',
  'It broke after two days',
  'A wonderful film with great actors',
  'The service is slow and the waiter was rude',
  'Works as described',
  'I would not buy it again',
]

/**
 * The canary of the sentiment service: the whole configuration in one place.
 *
 * The unchanged v2 calls 4 points more texts positive than v1, which is well within the tolerance here: half of
 * 20 points. The shifted v2 is 41 points away.
 */
export function sentimentCanary(models: ModelPair, pace: Pace): Canary<'v1' | 'v2'> {
  const { weights, minDurationMs, minRequests, intervalMs, bakeMs } = pace
  return createCanary({
    name: 'sentiment',
    versions: VERSIONS,
    strategy: stickyStrategy({ salt: 'sentiment-demo' }),
    plan: linearPlan(weights, { minDurationMs, minRequests }),
    guardrails: [
      errorRate({ margin: 0.02 }),
      unansweredRate({ margin: 0.02 }),
      latency({ marginMs: 50 }),
      tailLatency({ ratio: 1.5, minIncreaseMs: 40 }),
      predictionShift({ margin: 0.2 }),
      metric('accuracy', { direction: 'must-not-fall', margin: 0.05 }),
    ],
    judge: evidenceJudge(pace.judge),
    intervalMs,
    warmUp: {
      ...pace.warmUp,
      run: async () => {
        for (const text of SAMPLES) await models.canary(text)
      },
    },
    bake: { durationMs: bakeMs },
    maxDurationMs: 300_000,
    onStall: 'rollback',
    historySize: 500,
    logger: false, // the demo prints the decisions itself
  })
}
