import { errorRate, latency, predictionShift, suggestPlan, tailLatency } from '@model-canary/core'
import { simulateRollouts } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

const errors = [errorRate()]
const five = [...errors, latency(), tailLatency({ name: 'p95', quantile: 0.95 }), tailLatency(), predictionShift()]
const sound = { errorRate: 0.01, latencyMs: { mean: 120, sigma: 0.7 }, predictions: { positive: 60, negative: 40 } }

describe('the time that suggestPlan expects', { timeout: 120_000 }, () => {
  it.each([
    [0.5, 'errors alone', errors],
    [0.5, 'five guardrails', five],
    [1.5, 'errors alone', errors],
    [1.5, 'five guardrails', five],
    [5, 'errors alone', errors],
    [5, 'five guardrails', five],
  ] as const)('is near the simulated one at %d requests a second with %s', async (requestsPerSecond, _, guardrails) => {
    const { plan, bake, expectedMs } = suggestPlan({ requestsPerSecond, guardrails })
    const { promoted, timeToPromotionMs } = await simulateRollouts({
      requestsPerSecond,
      baseline: sound,
      canary: sound,
      beforeMs: 3_600_000,
      horizonMs: 24 * 3_600_000,
      rollout: { plan, bake, guardrails },
      replications: 7,
    })
    expect(promoted.count).toBe(7)
    const ratio = expectedMs / timeToPromotionMs!.median
    expect(ratio).toBeGreaterThan(1 / 1.5)
    expect(ratio).toBeLessThan(1.5)
  })
})
