import {
  errorRate,
  isCanaryError,
  latency,
  linearPlan,
  randomStrategy,
  tailLatency,
  thresholdJudge,
  tripwire,
} from '@model-canary/core'
import { memoryStore } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import type { Version } from './behaviour.js'
import { seededRandom } from './seeded-random.js'
import { type Simulation, simulate } from './simulate.js'
import { type SimulateRolloutsOptions, simulateRollouts } from './simulate-rollouts.js'
import { userKeys } from './user-keys.js'

const good = { errorRate: 0.01 }

const range = (length: number) => Array.from({ length }, (_, index) => index)
const traffic: SimulateRolloutsOptions = { requestsPerSecond: 20, baseline: {}, canary: {} }
const none = { count: 0, rate: 0, low: 0, high: expect.closeTo(0.018275, 6) }

/** The first number of each of 200 seeds, from 1 on. */
const seededRandoms = range(200).map((index) => seededRandom(index + 1)())

/** Rolled back now and then, so that all ends occur. */
const shaky: SimulateRolloutsOptions = {
  seed: 5,
  replications: 12,
  requestsPerSecond: 10,
  baseline: good,
  canary: { errorRate: 0.03 },
  keyOf: userKeys({ users: 500 }),
  horizonMs: 220_000,
  rollout: {
    plan: linearPlan([20, 100], { minDurationMs: 60_000, minRequests: 100 }),
    guardrails: [errorRate({ margin: 0.02 })],
    judge: thresholdJudge({ minSamples: 50 }),
  },
}

describe('simulateRollouts', () => {
  it('comes to what one simulation after another does, each with the next seed', async () => {
    const { replications, onProgress, ...options } = shaky
    const result = await simulateRollouts(shaky)
    const seeds = Array.from({ length: 12 }, (_, index) => 5 + index)
    const all: Simulation[] = []
    for (const seed of seeds) all.push(await simulate({ ...options, seed }))
    const of = (state: string) => all.filter(({ status }) => status.state === state)
    const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b)

    expect(result.promoted.count).toBe(of('promoted').length)
    expect(result.rolledBack.count).toBe(of('rolled-back').length)
    expect(result.undecided.count).toBe(12 - of('promoted').length - of('rolled-back').length)
    expect(result.canaryRequests).toEqual({
      median: sorted(all.map(({ requests }) => requests.canary))[5],
      p5: Math.min(...all.map(({ requests }) => requests.canary)),
      p95: Math.max(...all.map(({ requests }) => requests.canary)),
    })
    expect(result.canaryUsers).toMatchObject({ median: sorted(all.map(({ users }) => users!.canary))[5] })
    expect(result.timeToRollbackMs).toMatchObject({
      p5: Math.min(...of('rolled-back').map(({ elapsedMs }) => elapsedMs)),
    })
    expect([result.promoted.count > 0, result.rolledBack.count > 0]).toEqual([true, true])
  })

  it('gives the same answer again, and another to another seed', async () => {
    const first = await simulateRollouts({ ...shaky, replications: 4 })
    expect(await simulateRollouts({ ...shaky, replications: 4 })).toEqual(first)
    expect(await simulateRollouts({ ...shaky, replications: 4, seed: 105 })).not.toEqual(first)
  })

  it('begins with seed 1 and runs 200 rollouts, where nothing is said', async () => {
    const seeds: number[] = []
    const finished: number[] = []
    const result = await simulateRollouts({
      ...traffic,
      horizonMs: 0,
      rollout: { warmUp: { durationMs: 0 } },
      strategy: (random) => {
        seeds.push(seededRandoms.indexOf(random()))
        return randomStrategy({ random })
      },
      onProgress: (progress) => finished.push(progress.finished / progress.replications),
    })
    expect(seeds).toEqual(range(200))
    expect(finished).toEqual(range(200).map((index) => (index + 1) / 200))
    expect(result).toEqual({
      replications: 200,
      promoted: none,
      rolledBack: none,
      undecided: { count: 200, rate: 1, low: expect.closeTo(0.981725, 6), high: 1 },
      timeToPromotionMs: null,
      timeToRollbackMs: null,
      canaryRequests: { median: 0, p5: 0, p95: 0 },
      canaryUsers: null,
      reasons: [],
    })
  })

  describe('the reasons', () => {
    const reasonsOf = async (canary: Version, rollout: NonNullable<SimulateRolloutsOptions['rollout']>) => {
      const result = await simulateRollouts({ ...traffic, canary, rollout, replications: 3, horizonMs: 600_000 })
      return result.reasons
    }
    const thresholds = {
      judge: thresholdJudge({ minSamples: 20 }),
      tripwire: false,
      warmUp: { durationMs: 0 },
    } as const

    it('are the guardrails that were breached', async () => {
      const guardrails = [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })]
      const slow = await reasonsOf({ latencyMs: { mean: 400 } }, { ...thresholds, guardrails })
      expect(slow).toEqual([{ name: 'latency', count: 3 }])
    })

    it('are several where several were breached, but none that only watches', async () => {
      const guardrails = [
        errorRate({ margin: 0.02 }),
        latency({ marginMs: 50 }),
        tailLatency({ severity: 'observe', ratio: 1.5 }),
      ]
      const both = await reasonsOf({ errorRate: 0.5, latencyMs: { mean: 800 } }, { ...thresholds, guardrails })
      expect(both).toEqual([
        { name: 'errorRate', count: 3 },
        { name: 'latency', count: 3 },
      ])
    })

    it('are the tripwire, where it was touched', async () => {
      const broken = await reasonsOf({ errorRate: 1 }, { ...thresholds, tripwire: tripwire() })
      expect(broken).toEqual([{ name: 'tripwire', count: 3 }])
    })

    it('are the stall, where the rollout lasted too long, whatever was held by what', async () => {
      const guardrails = [errorRate({ margin: 0.02, severity: 'hold' })]
      const rollout = { ...thresholds, guardrails, maxDurationMs: 200_000, onStall: 'rollback' } as const
      expect(await reasonsOf({ errorRate: 0.2 }, rollout)).toEqual([{ name: 'stall', count: 3 }])
    })

    it('are the warm-up, where the canary did not stand it', async () => {
      const run = async () => Promise.reject(new Error('out of memory'))
      expect(await reasonsOf({}, { ...thresholds, warmUp: { run } })).toEqual([{ name: 'warm-up', count: 3 }])
    })

    it('come most frequent first', async () => {
      let at = 0
      const run = async () => (at++ === 0 ? Promise.reject(new Error('out of memory')) : undefined)
      const mixed = await reasonsOf(
        { errorRate: 1 },
        { ...thresholds, tripwire: tripwire(), warmUp: { run, durationMs: 0 } },
      )
      expect(mixed).toEqual([
        { name: 'tripwire', count: 2 },
        { name: 'warm-up', count: 1 },
      ])
    })
  })

  it.each<[string, Record<string, unknown>, 'INVALID_OPTION' | 'UNKNOWN_OPTION']>([
    ['an option that nobody reads', { repetitions: 3 }, 'UNKNOWN_OPTION'],
    ['no rollout at all', { replications: 0 }, 'INVALID_OPTION'],
    ['half a rollout', { replications: 1.5 }, 'INVALID_OPTION'],
    ['an onProgress that cannot be called', { onProgress: 'console' }, 'INVALID_OPTION'],
    ['a store, which would carry one rollout into the next', { rollout: { store: memoryStore() } }, 'INVALID_OPTION'],
    ['what simulate refuses', { horizonMs: -1 }, 'INVALID_OPTION'],
  ])('refuses %s', async (_, wrong, code) => {
    const options = { ...traffic, replications: 1, horizonMs: 0, ...wrong } as SimulateRolloutsOptions
    await expect(simulateRollouts(options)).rejects.toSatisfy((error) => isCanaryError(error, code))
  })
})
