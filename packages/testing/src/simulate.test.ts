import { errorRate, latency, linearPlan, predictionShift, tailLatency } from '@model-canary/core'
import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.js'

const rollout = {
  plan: linearPlan([10, 25, 50, 75, 100], { minDurationMs: 60_000, minRequests: 100 }),
  guardrails: [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })],
}

describe('simulate', () => {
  it('promotes a canary that is as good as the baseline', async () => {
    const { status, elapsedMs } = await simulate({ requestsPerSecond: 50, baseline: {}, canary: {}, rollout })
    expect(status).toMatchObject({ state: 'promoted', weight: 100 })
    expect(elapsedMs).toBeLessThan(10 * 60_000)
  })

  it('rolls back a canary that errs in 6 % more of its calls', async () => {
    const { status, requests } = await simulate({
      requestsPerSecond: 50,
      baseline: { errorRate: 0.01 },
      canary: { errorRate: 0.07 },
      rollout,
    })
    expect(status).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(requests.canary).toBeLessThan(1_000)
  })

  it('ends with the call that touches the tripwire, not at the horizon', async () => {
    const { status, elapsedMs, requests } = await simulate({
      requestsPerSecond: 50,
      baseline: {},
      canary: { errorRate: 1 },
      rollout: { ...rollout, warmUp: { durationMs: 0 } },
    })
    expect(status.reason).toBe('10 canary errors in a row')
    expect(requests.canary).toBeGreaterThanOrEqual(10)
    expect(elapsedMs).toBeLessThan(5_000)
  })

  it('gives the same rollout for the same seed, to the last decision', async () => {
    const run = (seed: number) =>
      simulate({ seed, requestsPerSecond: 20, baseline: { errorRate: 0.01 }, canary: {}, rollout })
    const first = await run(7)
    expect(await run(7)).toEqual(first)
    expect((await run(8)).requests).not.toEqual(first.requests)
  })

  it('counts flights that hang while they hang', async () => {
    const { status } = await simulate({
      requestsPerSecond: 50,
      baseline: {},
      canary: () => ({ durationMs: Number.POSITIVE_INFINITY }),
      rollout: {
        ...rollout,
        guardrails: [tailLatency({ quantile: 0.95 })],
        plan: linearPlan([10, 100], { minRequests: 0 }),
        warmUp: { durationMs: 0 },
      },
      horizonMs: 600_000,
    })
    expect(status).toMatchObject({ state: 'rolled-back' })
  })

  it('sees predictions that shift', async () => {
    const { status } = await simulate({
      requestsPerSecond: 50,
      baseline: { predictions: { positive: 60, negative: 40 } },
      canary: { predictions: { positive: 80, negative: 20 } },
      rollout: { ...rollout, guardrails: [predictionShift()] },
    })
    expect(status.state).toBe('rolled-back')
    expect(status.reason).toContain('predictionShift')
  })
})
