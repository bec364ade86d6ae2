import type { Strategy } from '@model-canary/core'
import {
  errorRate,
  isCanaryError,
  latency,
  linearPlan,
  predictionShift,
  tailLatency,
  thresholdJudge,
} from '@model-canary/core'
import { memoryStore, type StateStore } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.js'
import type { SimulateOptions } from './simulate-options.js'

const rollout = {
  plan: linearPlan([10, 25, 50, 75, 100], { minDurationMs: 60_000, minRequests: 100 }),
  guardrails: [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })],
}

describe('simulate', () => {
  it('promotes a canary that is as good as the baseline', async () => {
    const { status, elapsedMs } = await simulate({
      requestsPerSecond: 50,
      baseline: {},
      canary: {},
      rollout,
      beforeMs: 1_200_000,
    })
    expect(status).toMatchObject({ state: 'promoted', weight: 100 })
    expect(elapsedMs).toBeLessThan(10 * 60_000)
  })

  it('rolls back a canary with 6 points more errors', async () => {
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
      rollout: { ...rollout, judge: thresholdJudge(), warmUp: { durationMs: 0 } },
    })
    expect(status.reason).toBe('10 canary errors in a row')
    expect(requests.canary).toBeGreaterThanOrEqual(10)
    expect(elapsedMs).toBeLessThan(5_000)
  })

  it.each([
    ['is left to a judge that still compares', {}, 'promoted', 'judge'],
    ['trips the tripwire without a baseline', { holdbackPercent: 0 }, 'rolled-back', 'tripwire'],
  ] as const)('a burst of twelve errors in the bake %s', async (_, bake, state, actor) => {
    let served = 0
    const { status, history } = await simulate({
      requestsPerSecond: 50,
      baseline: {},
      canary({ weight }) {
        if (weight >= 90) served += 1
        return served > 500 && served <= 512 ? { durationMs: 100, outcome: 'error' } : { durationMs: 100 }
      },
      rollout: { guardrails: [errorRate({ margin: 0.02 })], bake },
      beforeMs: 600_000,
    })
    expect([status.state, history[0]!.actor]).toEqual([state, actor])
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

  it('detects predictions that shift', async () => {
    const { status } = await simulate({
      requestsPerSecond: 50,
      baseline: { predictions: { positive: 60, negative: 40 } },
      canary: { predictions: { positive: 80, negative: 20 } },
      rollout: { ...rollout, guardrails: [predictionShift()] },
    })
    expect(status.state).toBe('rolled-back')
    expect(status.reason).toContain('predictionShift')
  })

  it('counts the different keys that each version served since the start', async () => {
    const keys = ['a', 'b', 'a', 'c', '', undefined]
    let at = 0
    const toCanary: Strategy = { name: 'b', unit: 'key', pick: ({ key }) => (key === 'b' ? 'canary' : 'baseline') }
    const { users, requests } = await simulate({
      requestsPerSecond: 50,
      baseline: {},
      canary: {},
      rollout,
      horizonMs: 10_000,
      strategy: () => toCanary,
      keyOf: () => keys[at++ % keys.length],
    })
    expect(users).toEqual({ baseline: 2, canary: 1 })
    expect(requests.canary).toBeGreaterThan(50)
  })

  it('counts no keys from before the start, and none without keyOf', async () => {
    const traffic: SimulateOptions = { requestsPerSecond: 50, baseline: {}, canary: {}, rollout, horizonMs: 0 }
    expect(await simulate({ ...traffic, beforeMs: 10_000, keyOf: () => 'a' })).toMatchObject({
      users: { baseline: 0, canary: 0 },
      requests: { baseline: 0, canary: 0 },
    })
    expect(await simulate(traffic)).toMatchObject({ users: null })
  })

  it('takes the limits of createCanary, which change no decision', async () => {
    const traffic: SimulateOptions = { requestsPerSecond: 20, baseline: {}, canary: { errorRate: 0.05 }, rollout }
    const limits = { storeTimeoutMs: 500, settleTimeoutMs: 1_000, maxFlightMs: 60_000 }
    expect(await simulate({ ...traffic, rollout: { ...rollout, ...limits } })).toEqual(await simulate(traffic))
    await expect(simulate({ ...traffic, rollout: { storeTimeoutMs: 0 } })).rejects.toSatisfy((error) =>
      isCanaryError(error, 'INVALID_OPTION'),
    )
  })

  it('decides the same with a slow store that copies', async () => {
    const traffic: SimulateOptions = { requestsPerSecond: 20, baseline: {}, canary: { errorRate: 0.05 }, rollout }
    const copying = memoryStore()
    const store: StateStore = {
      ...copying,
      async write(...asked) {
        await new Promise((resolve) => setImmediate(resolve))
        return copying.write(...asked)
      },
    }
    const simulation = await simulate(traffic)
    expect(await simulate({ ...traffic, rollout: { ...rollout, store } })).toEqual(simulation)
    expect((await copying.load(new AbortController().signal))?.history.toReversed()).toEqual(simulation.history)
  })

  it.each<[string, Record<string, unknown>, 'INVALID_OPTION' | 'UNKNOWN_OPTION']>([
    ['an option that nobody reads', { requestsPerMinute: 50 }, 'UNKNOWN_OPTION'],
    ['no rate', { requestsPerSecond: undefined }, 'INVALID_OPTION'],
    ['a rate that is no number', { requestsPerSecond: Number.NaN }, 'INVALID_OPTION'],
    ['a rate below 0', { requestsPerSecond: -1 }, 'INVALID_OPTION'],
    ['a version that is missing', { canary: undefined }, 'INVALID_OPTION'],
    ['a figure that no version has', { canary: { errors: 0.1 } }, 'UNKNOWN_OPTION'],
    ['an error rate in percent', { baseline: { errorRate: 5 } }, 'INVALID_OPTION'],
    ['a latency without a mean', { baseline: { latencyMs: {} } }, 'INVALID_OPTION'],
    ['a negative spread', { baseline: { latencyMs: { mean: 100, sigma: -1 } } }, 'INVALID_OPTION'],
    ['a negative share of a class', { canary: { predictions: { yes: -1, no: 2 } } }, 'INVALID_OPTION'],
    ['classes without a share', { canary: { predictions: {} } }, 'INVALID_OPTION'],
    ['a seed between two whole numbers', { seed: 1.5 }, 'INVALID_OPTION'],
    ['a past below 0', { beforeMs: -1 }, 'INVALID_OPTION'],
    ['a horizon without end', { horizonMs: Number.POSITIVE_INFINITY }, 'INVALID_OPTION'],
    ['a strategy in place of a function that makes one', { strategy: {} }, 'INVALID_OPTION'],
    ['a key in place of a function that draws one', { keyOf: 'user' }, 'INVALID_OPTION'],
    ['what createCanary refuses', { rollout: { intervalMs: 0 } }, 'INVALID_OPTION'],
  ])('refuses %s', async (_, wrong, code) => {
    const options = { requestsPerSecond: 50, baseline: {}, canary: {}, horizonMs: 1_000, ...wrong } as SimulateOptions
    await expect(simulate(options)).rejects.toSatisfy((error) => isCanaryError(error, code))
  })
})
