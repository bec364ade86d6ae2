import { describe, expect, it } from 'vitest'
import type { ByVariant } from '../foundation/vocabulary.js'
import { linearPlan } from '../rollout/plan.js'
import { counted } from '../rollout/rollout.fixture.js'
import type { Summary } from '../summaries/summary.js'
import { createWorld, heard } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

/** A controller whose source counts what a test adds for each second, split by the weight in force. */
async function traffic(
  rates: { all: number; canary?: number; fresh?: number },
  options: Partial<ControllerOptions> = {},
) {
  const world = createWorld()
  const { clock } = world
  let weight = 0
  let errors = 0
  let shown = { baseline: 0, canary: 0, failed: 0 }
  let opened = shown
  const total = { ...shown }
  let isDown = false
  const counts = (): ByVariant<Summary> => {
    const since = (name: keyof typeof shown): number => Math.floor(shown[name] - opened[name])
    const failed = since('failed')
    return { baseline: counted(since('baseline')).baseline, canary: counted(since('canary') + failed, failed).canary }
  }
  const controller = world.make({
    plan: linearPlan([10, 50, 100], { minDurationMs: 10 * MINUTE, minRequests: 1 }),
    source: {
      read: async () => {
        if (isDown) throw new Error('prometheus is down')
        return counts()
      },
    },
    target: {
      apply: async (split) => {
        weight = split.weight
        opened = { ...shown }
      },
    },
    ...options,
  })
  const alerts = heard(controller, 'alert')
  await controller.start()
  return {
    clock,
    controller,
    alerts,
    rates,
    about: () => alerts.map(({ about }) => about),
    breakSource: (broken: boolean) => void (isDown = broken),
    breakCanary: (share: number) => void (errors = share),
    async pass(ms: number, until = () => false, everyMs = 5 * SECOND) {
      for (const end = clock.elapsed() + ms; clock.elapsed() < end && !until(); ) {
        const canary = rates.canary ?? (rates.all * weight) / 100
        total.canary += (canary * (1 - errors) * everyMs) / SECOND
        total.failed += (canary * errors * everyMs) / SECOND
        total.baseline += (rates.all * (1 - weight / 100) * everyMs) / SECOND
        const isFresh = clock.elapsed() % ((rates.fresh ?? 5) * SECOND) === 0
        if (isFresh) shown = { ...total }
        await clock.advance(everyMs)
      }
    },
  }
}

describe('a healthy rollout', () => {
  it.each([
    ['with much traffic', { all: 50 }],
    ['with one request in ten seconds', { all: 1 / 10 }],
    ['over a source that is scraped once a minute', { all: 50, fresh: 60 }],
  ])('%s raises no alert', async (_, rates) => {
    const { controller, about, pass } = await traffic(rates)
    await pass(7 * 24 * HOUR, () => controller.status().state === 'promoted')
    expect(controller.status().state).toBe('promoted')
    expect(about()).toEqual([])
  })

  it('without any traffic raises one alert after two minutes', async () => {
    const { about, pass, alerts } = await traffic({ all: 0 })
    await pass(2 * MINUTE - 15 * SECOND)
    expect(about()).toEqual([])
    await pass(10 * MINUTE)
    expect(about()).toEqual(['no-data'])
    expect(alerts[0]?.message).toContain('does traffic come this way?')
  })
})

describe('a source that fails now and then', () => {
  it('raises one alert, repeated with a count', async () => {
    const { about, alerts, breakSource, pass, controller } = await traffic(
      { all: 50 },
      { plan: linearPlan([10, 100], { minDurationMs: 8 * HOUR, minRequests: 1 }) },
    )
    await pass(2 * MINUTE)
    for (let times = 0; times < 120; times += 1) {
      breakSource(true)
      await pass(15 * SECOND)
      breakSource(false)
      await pass(30 * SECOND)
    }
    expect(controller.status()).toMatchObject({ step: 1 })
    expect(about()).toEqual(['source', 'source'])
    expect(alerts[1]?.message).toMatch(/prometheus is down \(for 60 min, \d+ times\)$/)
  })

  it('repeats its alert after 1 h, 6 h and 24 h, or after repeatMs, while it fails', async () => {
    const byDefault = await traffic({ all: 50 }, { intervalMs: 5 * MINUTE })
    byDefault.breakSource(true)
    await byDefault.pass(30 * HOUR, undefined, 5 * MINUTE)
    const [first, ...others] = byDefault.alerts.map(({ at }) => at)
    expect(others.map((at) => Math.round((at - first!) / HOUR))).toEqual([1, 6, 24])
    const often = await traffic({ all: 50 }, { repeatMs: [5 * MINUTE, 10 * MINUTE] })
    often.breakSource(true)
    await often.pass(HOUR)
    expect(often.about()).toEqual(['source', 'source', 'source'])
    const never = await traffic({ all: 50 }, { intervalMs: 5 * MINUTE, repeatMs: [] })
    never.breakSource(true)
    await never.pass(30 * HOUR, undefined, 5 * MINUTE)
    expect(never.about()).toEqual(['source'])
  })

  it.each([[[0]], [[-1]], [[Number.NaN]], [[2, 1]], [[1, 1]], ['1h']])('cannot be repeated after %s', (repeatMs) => {
    expect(() => createWorld().make({ repeatMs: repeatMs as number[] })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('traffic that ends in mid-step', () => {
  it.each([
    ['of everybody', { all: 0 }, /nor of the baseline: has the traffic ended\?/],
    ['of the canary alone', { all: 50, canary: 0 }, /is the canary still reached\?|is it deployed and reached\?/],
  ])('%s raises an alert, and the step is not left', async (_, rest, message) => {
    const stage = await traffic({ all: 50 })
    await stage.pass(MINUTE)
    await stage.pass(5 * MINUTE)
    expect(stage.controller.status().step).toBe(1)
    Object.assign(stage.rates, rest)
    await stage.pass(55 * MINUTE)
    expect(stage.controller.status()).toMatchObject({ step: 1, waitingFor: 'data' })
    expect(stage.about()).toEqual(['no-data'])
    expect(stage.alerts[0]?.message).toMatch(message)
    expect(stage.controller.explain()).toContain('Waiting for data: no ')
    Object.assign(stage.rates, { all: 50, canary: undefined })
    await stage.pass(MINUTE)
    expect(stage.controller.status().step).toBe(2)
  })

  it('does not begin anew after a restart', async () => {
    const world = createWorld()
    const plan = linearPlan([10, 50, 100], { minDurationMs: 5 * MINUTE, minRequests: 100 })
    let endedAt = Number.POSITIVE_INFINITY
    const source = { read: async () => counted(Math.min(world.clock.elapsed(), endedAt) / 10) }
    const one = world.make({ plan, source })
    await one.start()
    while (one.status().step < 1) await world.clock.advance(15 * SECOND)
    await world.clock.advance(5 * MINUTE - 15 * SECOND)
    await one.close()
    endedAt = world.clock.elapsed()
    await world.clock.advance(3 * HOUR)
    const other = world.make({ plan, source })
    await other.start()
    await world.clock.advance(10 * MINUTE)
    expect(other.status()).toMatchObject({ step: 1, waitingFor: 'data' })
    endedAt = Number.POSITIVE_INFINITY
    await world.clock.advance(15 * SECOND)
    expect(other.status().step).toBe(2)
  })

  it('while it is paused, or baking, promotes nothing', async () => {
    const stage = await traffic({ all: 50 })
    await stage.pass(MINUTE)
    await stage.pass(9 * MINUTE)
    await stage.controller.pause()
    stage.rates.all = 0
    await stage.pass(HOUR)
    await stage.controller.resume()
    await stage.pass(10 * MINUTE)
    expect(stage.controller.status()).toMatchObject({ step: 1, waitingFor: 'data' })
    stage.rates.all = 50
    await stage.pass(HOUR, () => stage.controller.status().state === 'baking')
    await stage.pass(5 * MINUTE)
    stage.rates.all = 0
    await stage.pass(HOUR)
    expect(stage.controller.status()).toMatchObject({ state: 'baking', waitingFor: 'data' })
  })
})

describe('mode observe', () => {
  it('reports once a rollback that it does not make', async () => {
    const stage = await traffic({ all: 50 }, { mode: 'observe', intervalMs: MINUTE, historySize: 10 })
    await stage.pass(5 * MINUTE)
    for (let times = 0; times < 4; times += 1) {
      stage.breakCanary(0.9)
      await stage.pass(30 * MINUTE, undefined, MINUTE)
      stage.breakCanary(0)
      await stage.pass(3 * HOUR, undefined, MINUTE)
    }
    expect((await stage.controller.history()).some(({ action }) => action === 'rollback')).toBe(true)
    expect(stage.about()).toEqual(['hold'])
    expect(stage.alerts[0]?.message).toContain('not rolled back, the mode is observe')
  })
})
