import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { Outcome, Variant } from '../foundation/vocabulary.js'
import { createRoutes } from '../http/routes/create-routes.js'
import type { Canary } from './canary.js'
import type { CanaryOptions } from './canary-options.js'
import { createCanary } from './create-canary.js'

const MINUTE = 60_000

function created(options: Partial<CanaryOptions> = {}) {
  const clock = manualClock()
  const canary = createCanary({
    ...{ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, logger: false, clock },
    ...{ plan: [10, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 }, ...options },
  })
  const begunAt = clock.now()
  return { clock, canary, begunAt }
}

/** Records calls that are counted as such, not as evidence of a step. */
const calls = (canary: Canary, variant: Variant, count: number, outcome: Outcome = 'success', durationMs = 10) => {
  for (let call = 0; call < count; call += 1) canary.record({ variant, durationMs, outcome })
}

const requestsOf = async (canary: Canary, variant: Variant) =>
  (await canary.points()).map((point) => point[variant].requests)

describe('the points of one process', () => {
  it('are there before the start, up to now, with the words of the contract', async () => {
    const { clock, canary, begunAt } = created()
    calls(canary, 'baseline', 97, 'success', 10)
    calls(canary, 'baseline', 2, 'error', 100)
    calls(canary, 'baseline', 1, 'timeout', 1_000)
    await clock.advance(5_000)
    const none = { requests: 0, errors: 0, timeouts: 0, unanswered: 0, p50Ms: null, p95Ms: null, p99Ms: null }
    const [point, ...others] = await canary.points()
    expect(others).toEqual([])
    expect(point).toEqual({
      ...{
        from: begunAt,
        to: begunAt + 5_000,
        epoch: 0,
        step: 0,
        weight: 0,
        versions: { baseline: 'v1', canary: 'v2' },
      },
      baseline: {
        ...{ requests: 100, errors: 2, timeouts: 1, unanswered: expect.any(Number) },
        ...{ p50Ms: expect.any(Number), p95Ms: expect.any(Number), p99Ms: expect.any(Number) },
      },
      canary: none,
    })
    expect(Math.abs(Math.log(point!.baseline.p50Ms! / 10))).toBeLessThan(0.05)
    expect(Math.abs(Math.log(point!.baseline.p99Ms! / 100))).toBeLessThan(0.05)
  })

  it('are none without a moment or a request', async () => {
    expect(await created().canary.points()).toEqual([])
  })

  it('are cut once a minute, and the last one is not over yet', async () => {
    const { clock, canary } = created()
    await canary.start()
    await clock.advance(1_000)
    for (let minute = 0; minute < 3; minute += 1) {
      calls(canary, 'baseline', minute + 1)
      await clock.advance(MINUTE)
    }
    calls(canary, 'baseline', 7)
    await clock.advance(10_000)
    const points = await canary.points()
    expect(points.map(({ from, to }) => to - from)).toEqual([MINUTE, MINUTE, MINUTE, 11_000])
    expect(points.map(({ baseline }) => baseline.requests)).toEqual([1, 2, 3, 7])
    expect(await requestsOf(canary, 'baseline')).toEqual([1, 2, 3, 7]) // looking changes nothing
  })

  it('end with each stay, and lose none of its requests', async () => {
    const { clock, canary } = created({ plan: [10, 50, 100] })
    calls(canary, 'baseline', 3)
    await clock.advance(1_000)
    await canary.start()
    await clock.advance(1_000)
    calls(canary, 'canary', 5)
    await clock.advance(90_000)
    calls(canary, 'canary', 11)
    await canary.promote()
    calls(canary, 'canary', 2, 'error')
    await clock.advance(1_000)
    await canary.rollback()
    calls(canary, 'baseline', 4)
    await clock.advance(1_000)
    await canary.retry()
    await clock.advance(0) // the warm-up is over
    calls(canary, 'canary', 6)
    await clock.advance(1_000)
    const points = await canary.points()
    expect(points.map(({ epoch, step, weight }) => [epoch, step, weight])).toEqual([
      [0, 0, 0],
      [1, 1, 10],
      [1, 1, 10],
      [1, 2, 50],
      [1, 2, 0],
      [2, 1, 10],
    ])
    expect(await requestsOf(canary, 'baseline')).toEqual([3, 0, 0, 0, 4, 0])
    expect(await requestsOf(canary, 'canary')).toEqual([0, 5, 11, 2, 0, 6])
    for (const [at, { from }] of points.slice(1).entries()) expect(from).toBe(points[at]!.to)
  })

  it('go on after a promotion, and after the canary is closed', async () => {
    const { clock, canary } = created()
    await canary.start()
    await canary.promote({ full: true })
    calls(canary, 'canary', 5)
    await clock.advance(MINUTE)
    calls(canary, 'canary', 6)
    await canary.close()
    expect((await canary.points()).slice(-2).map(({ weight, canary: of }) => [weight, of.requests])).toEqual([
      [100, 5],
      [100, 6],
    ])
  })
})

describe('the route of points', () => {
  it('answers the same list, and with authorizeReads only to those who may read', async () => {
    const { canary, clock } = created()
    calls(canary, 'baseline', 3)
    await clock.advance(1_000)
    const ask = (routes: ReturnType<typeof createRoutes<string>>, request: string) =>
      routes({
        ...{ method: 'GET', path: '/points', query: new URLSearchParams(), headers: {}, request },
        body: async () => undefined,
      })
    expect(await ask(createRoutes<string>(canary, {}, clock), 'anyone')).toMatchObject({
      status: 200,
      body: await canary.points(),
    })
    const guarded = createRoutes<string>(canary, { authorize: (who) => who === 'ops', authorizeReads: true }, clock)
    expect([(await ask(guarded, 'anyone'))?.status, (await ask(guarded, 'ops'))?.status]).toEqual([401, 200])
    const { points: _, ...without } = canary
    expect(await ask(createRoutes<string>(without, {}, clock), 'anyone')).toBe(undefined)
  })
})
