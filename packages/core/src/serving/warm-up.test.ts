import { describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../controller/memory-store.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { linearPlan } from '../rollout/plan.js'
import { stage as startStage } from './stage.fixture.js'

const stage = (options: Parameters<typeof startStage>[0] = {}) => startStage({ intervalMs: 1_000, ...options })

const waiting = (clock: { schedule(ms: number, task: () => void): unknown }, ms: number) =>
  new Promise<void>((resolve) => void clock.schedule(ms, resolve))

describe('warming by sample inputs', () => {
  it('calls the canary with each of them before its first request, as a method of the models', async () => {
    const { canary, clock } = await stage()
    const models = {
      baseline: (..._input: [string, number]) => 'v1',
      canary: vi.fn((..._input: [string, number]) => 'v2'),
    }
    const predict = canary.wrap(models, {
      warmUp: {
        inputs: [
          ['a', 1],
          ['b', 2],
        ],
      },
    })
    expect(predict('c', 3)).toBe('v1')
    await clock.advance(0)
    expect(models.canary.mock.calls).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect(models.canary.mock.contexts).toEqual([models, models])
    expect(predict('d', 4)).toBe('v2')
  })

  it('counts no request', async () => {
    const { canary, clock, counts } = await stage()
    canary.wrap({ baseline: () => 1, canary: () => 1 }, { warmUp: { inputs: [[], []] } })
    await clock.advance(0)
    expect(counts()).toEqual({})
  })

  it.each([
    [1, 5],
    [2, 3],
    [5, 1],
    [100, 1],
  ])('runs at most %i at once, in %i rounds', async (concurrency, rounds) => {
    const { canary, clock } = await stage()
    let atOnce = 0
    let most = 0
    const model = async () => {
      most = Math.max(most, ++atOnce)
      await waiting(clock, 100)
      atOnce -= 1
    }
    canary.wrap({ baseline: model, canary: model }, { warmUp: { inputs: [[], [], [], [], []], concurrency } })
    await clock.advance(rounds * 100 - 1)
    expect(canary.assign().variant).toBe('baseline')
    await clock.advance(1)
    expect(most).toBe(Math.min(concurrency, 5))
    expect(canary.assign().variant).toBe('canary')
  })

  it('reads streams to their end', async () => {
    const { canary, clock } = await stage()
    const drained = vi.fn()
    async function* generate() {
      yield 1
      await waiting(clock, 50)
      drained()
    }
    canary.wrap({ baseline: generate, canary: generate }, { warmUp: { inputs: [[]] } })
    await clock.advance(49)
    expect(canary.assign().variant).toBe('baseline')
    await clock.advance(1)
    expect(drained).toHaveBeenCalledTimes(1)
    expect(canary.assign().variant).toBe('canary')
  })

  it('rolls back if the canary fails, names the input and the reason, and makes no further call', async () => {
    const { canary, clock } = await stage()
    const alerts = vi.fn()
    canary.on('alert', alerts)
    const model = vi.fn(async (x: number) => {
      if (x === 2) throw new Error('no such weights')
      return x
    })
    canary.wrap({ baseline: model, canary: model }, { warmUp: { inputs: [[1], [2], [3], [4]], concurrency: 2 } })
    await clock.advance(0)
    expect(model.mock.calls.map(([x]) => x)).toEqual([1, 2])
    expect(canary.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(canary.status().reason).toMatch(/WARM_UP_FAILED.*input 2 of 4: no such weights/)
    expect(alerts.mock.calls).toMatchObject([[{ about: 'warm-up', message: expect.stringContaining('input 2 of 4') }]])
    expect(canary.assign()).toMatchObject({ variant: 'baseline', reason: 'disabled' })
  })

  it('rolls back where a call takes too long', async () => {
    const { canary, clock } = await stage()
    const model = () => new Promise<void>(() => {})
    canary.wrap({ baseline: model, canary: model }, { warmUp: { inputs: [[]], timeoutMs: 500 } })
    await clock.advance(499)
    expect(canary.status().state).toBe('progressing')
    await clock.advance(1)
    expect(canary.status().reason).toMatch(/input 1 of 1: .*500 ms/)
  })

  it('is tried again by a retry', async () => {
    const { canary, clock } = await stage()
    let isBroken = true
    const model = () => {
      if (isBroken) throw new Error('not yet')
    }
    canary.wrap({ baseline: model, canary: model }, { warmUp: { inputs: [[]] } })
    await clock.advance(0)
    expect(canary.status().state).toBe('rolled-back')
    isBroken = false
    await canary.retry()
    await clock.advance(0)
    expect(canary.status()).toMatchObject({ state: 'progressing', epoch: 2 })
    expect(canary.assign().variant).toBe('canary')
  })

  it('also warms what is wrapped while the rest is being warmed', async () => {
    const { canary, clock } = await stage()
    const slow = () => waiting(clock, 100)
    canary.wrap({ baseline: slow, canary: slow }, { warmUp: { inputs: [[]] } })
    await clock.advance(50)
    const late = vi.fn(() => waiting(clock, 100))
    canary.wrap({ baseline: late, canary: late }, { warmUp: { inputs: [[]] } })
    await clock.advance(149)
    expect(late).toHaveBeenCalledTimes(1)
    expect(canary.assign().variant).toBe('baseline')
    await clock.advance(1)
    expect(canary.assign().variant).toBe('canary')
  })

  it.each([
    [{ inputs: 'all' }, 'INVALID_OPTION'],
    [{ inputs: ['a text'] }, 'INVALID_OPTION'],
    [{ inputs: [], concurrency: 0 }, 'INVALID_OPTION'],
    [{ inputs: [], concurrency: 1.5 }, 'INVALID_OPTION'],
    [{ inputs: [], timeoutMs: 0 }, 'INVALID_OPTION'],
    [{ inputs: [], timeoutMs: Number.NaN }, 'INVALID_OPTION'],
    [{ inputs: [], parallel: 2 }, 'UNKNOWN_OPTION'],
  ])('refuses %o', async (warmUp, code) => {
    const { canary } = await stage()
    const models = { baseline: () => 1, canary: () => 1 }
    expect(() => canary.wrap(models, { warmUp: warmUp as never })).toThrow(expect.objectContaining({ code }))
  })
})

describe('warmUp.run', () => {
  it('is awaited before the canary gets a share', async () => {
    let done = () => {}
    const run = vi.fn((_signal: AbortSignal) => new Promise<void>((resolve) => (done = resolve)))
    const { canary, clock } = await stage({ warmUp: { durationMs: 0, run } })
    expect(canary.status()).toMatchObject({ state: 'warming', weight: 0 })
    expect(canary.assign().variant).toBe('baseline')
    done()
    await clock.advance(0)
    expect(canary.status()).toMatchObject({ state: 'progressing', weight: 50 })
    expect(canary.assign().variant).toBe('canary')
    expect(run).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['throws', () => Promise.reject(new Error('no GPU')), 0, 'no GPU'],
    ['never ends', () => new Promise<void>(() => {}), 5_000, '5000 ms'],
  ])('that %s rolls back', async (_, run, afterMs, why) => {
    const { canary, clock } = await stage({ warmUp: { durationMs: 0, run, timeoutMs: 5_000 } })
    await clock.advance(afterMs)
    expect(canary.status()).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining('WARM_UP_FAILED') })
    expect(canary.status().reason).toContain(why)
  })

  it('gets an aborted signal when its time is up', async () => {
    let heard: AbortSignal | undefined
    const run = (signal: AbortSignal) => {
      heard = signal
      return new Promise<void>(() => {})
    }
    const { clock } = await stage({ warmUp: { durationMs: 0, run, timeoutMs: 5_000 } })
    expect(heard?.aborted).toBe(false)
    await clock.advance(5_000)
    expect(heard?.aborted).toBe(true)
  })
})

describe('another process that takes up a rollout', () => {
  const plan = linearPlan([50, 100], { minDurationMs: 1_000, minRequests: 1 })

  it.each(['progressing', 'promoted'] as const)('warms its own canary first, also a %s one', async (state) => {
    const store = memoryStore()
    const first = await stage({ store, plan })
    if (state === 'promoted') await first.canary.promote({ full: true })
    expect(first.canary.status().state).toBe(state)

    let done = () => {}
    const run = () => new Promise<void>((resolve) => (done = resolve))
    const second = await stage({ store, plan, warmUp: { durationMs: 0, run } })
    expect(second.canary.status().state).toBe(state)
    expect(second.canary.assign()).toMatchObject({ variant: 'baseline', reason: 'disabled' })
    expect(first.canary.assign().variant).toBe('canary')
    done()
    await second.clock.advance(0)
    expect(second.canary.assign().variant).toBe('canary')
  })

  it('warms its canary for a rollout that another process began', async () => {
    const store = memoryStore()
    const first = await stage({ store, plan })
    await first.canary.rollback()
    const run = vi.fn(async () => {})
    const second = await stage({ store, plan, warmUp: { durationMs: 0, run } })
    expect(second.canary.status().state).toBe('rolled-back')
    await first.canary.retry()
    await first.clock.advance(0)
    await second.clock.advance(0)
    expect(run).toHaveBeenCalledTimes(1)
    expect(second.canary.assign().variant).toBe('canary')
  })
})

describe('the first period', () => {
  /** Twenty seconds of both versions; the canary is slow for the first ten. */
  const watched = async (isBroken: (request: number) => boolean) => {
    const { canary, clock } = await stage({
      plan: linearPlan([50, 100], { minDurationMs: 10_000, minRequests: 10 }),
      guardrails: [errorRate({ margin: 0.02 }), latency({ marginMs: 50 })],
      judge: thresholdJudge({ minSamples: 200 }), // the calls are recorded, and not split by the weight
      warmUp: { weight: 5, durationMs: 10_000 },
    })
    for (let second = 0; second < 20 && canary.status().state !== 'rolled-back'; second++) {
      for (let request = 0; request < 50; request++) {
        canary.record({ variant: 'baseline', durationMs: 10, outcome: 'success' })
        const outcome = isBroken(request) ? 'error' : 'success'
        canary.record({ variant: 'canary', durationMs: second < 10 ? 900 : 10, outcome })
      }
      await clock.advance(1_000)
    }
    return { ...canary.status(), decisions: (await canary.history({ limit: 1_000 })).toReversed() }
  }

  it('has the low weight, and tolerates a slow canary', async () => {
    const { decisions, state } = await watched(() => false)
    expect(decisions.filter(({ action }) => action === 'advance').map(({ now }) => now.weight)).toEqual([5, 50, 100])
    expect(state).toBe('baking')
  })

  it('does not tolerate errors', async () => {
    const { state, reason, step } = await watched((request) => request % 2 === 0)
    expect({ state, step }).toEqual({ state: 'rolled-back', step: 0 })
    expect(reason).toContain('error')
  })
})
