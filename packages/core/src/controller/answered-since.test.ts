import { type ManualClock, manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { arm } from '../guardrails/arm.fixture.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { unansweredRate } from '../guardrails/kinds/unanswered-rate.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import type { Judge } from '../judging/judge.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { linearPlan } from '../rollout/plan.js'
import type { MetricsSource } from '../rollout/ports.js'
import type { StateStore } from '../rollout/store.js'
import { createController } from './controller.js'
import { memoryStore } from './memory-store.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A service of which 20 requests a second are seen once every so often, and a controller that sees nothing else of it. */
function outside({ scrapeMs = 15 * SECOND, store = memoryStore(), judge = undefined as Judge | undefined } = {}) {
  const clock: ManualClock = manualClock()
  const world = { clock, weight: 0, lostByBaseline: 0, lostByCanary: 0, store: store as StateStore, make }
  const total = { baseline: [0, 0], canary: [0, 0] }
  let counted = clock.elapsed()
  let shown = structuredClone(total)
  let opened: { window: string; at: typeof total } | undefined

  const count = () => {
    const requests = (20 * (clock.elapsed() - counted)) / SECOND
    counted = clock.elapsed()
    const add = (which: 'baseline' | 'canary', share: number, lost: number) => {
      total[which][0]! += requests * share
      total[which][1]! += requests * share * lost
    }
    add('baseline', 1 - world.weight / 100, world.lostByBaseline)
    add('canary', world.weight / 100, world.lostByCanary)
  }
  const armOf = (which: 'baseline' | 'canary', at: typeof total) => {
    const decided = Math.round(shown[which][0]! - at[which][0]!)
    const unanswered = Math.min(decided, Math.round(shown[which][1]! - at[which][1]!))
    return arm({ requests: decided - unanswered, unanswered })
  }
  const read: MetricsSource['read'] = async ({ epoch, step, openedAt }) => {
    count()
    const window = `${epoch}/${step}/${openedAt}`
    if (opened?.window !== window) opened = { window, at: structuredClone(shown) }
    if (clock.elapsed() % scrapeMs < 15 * SECOND) shown = structuredClone(total)
    return { baseline: armOf('baseline', opened.at), canary: armOf('canary', opened.at), everyMs: scrapeMs }
  }
  function make() {
    return createController({
      name: 'sentiment',
      plan: linearPlan([10, 50, 100], { minDurationMs: 2 * MINUTE, minRequests: 50 }),
      guardrails: [errorRate(), unansweredRate()],
      ...(judge && { judge }),
      warmUp: { weight: 2, durationMs: 30 * SECOND },
      bake: { durationMs: 30 * MINUTE, holdbackPercent: 0 },
      source: { read, supports: ['errorRate', 'unansweredRate'] },
      target: {
        apply: async ({ weight }) => {
          count()
          world.weight = weight
        },
      },
      store: world.store,
      clock,
    })
  }
  return world
}

/** Lets time pass until a condition holds; how long that took, in seconds, or `undefined` where it never did. */
async function until(clock: ManualClock, holds: () => boolean, mostMs = 4 * 60 * MINUTE): Promise<number | undefined> {
  for (let ms = 0; ms < mostMs; ms += SECOND) {
    if (holds()) return ms / SECOND
    await clock.advance(SECOND)
  }
  return undefined
}

async function baking(options: Parameters<typeof outside>[0] = {}) {
  const world = outside(options)
  const controller = world.make()
  await controller.start()
  expect(await until(world.clock, () => controller.status().state === 'baking')).toBeDefined()
  await world.clock.advance(MINUTE)
  expect(controller.status()).toMatchObject({ state: 'baking', weight: 100 })
  return { ...world, world, controller }
}

describe('a canary that serves all requests, seen through a source', () => {
  it.each([
    ['evidence', evidenceJudge(), 1],
    ['evidence', evidenceJudge(), 0.3],
    ['threshold', thresholdJudge(), 0.3],
  ])('is rolled back under the %s judge within three windows of hanging (%# of all: %o)', async (_, judge, share) => {
    const { world, controller, clock } = await baking({ judge })
    world.lostByCanary = share
    expect(await until(clock, () => controller.status().state === 'rolled-back', 5 * MINUTE)).toBeLessThanOrEqual(50)
    expect(controller.status().reason).toMatch(/^\d+ of the last \d+ requests brought their callers nothing; before,/)
    expect((await controller.history())[0]).toMatchObject({ action: 'rollback', actor: 'tripwire' })
    expect(world.weight).toBe(0)
    await controller.close()
  })

  it('is rolled back within three scrapes where those are a minute apart', async () => {
    const { world, controller, clock } = await baking({ scrapeMs: MINUTE })
    world.lostByCanary = 0.3
    expect(await until(clock, () => world.weight === 0, 10 * MINUTE)).toBeLessThanOrEqual(195)
    await controller.close()
  })

  it('is rolled back while it is paused', async () => {
    const { world, controller, clock } = await baking()
    await controller.pause()
    world.lostByCanary = 0.3
    expect(await until(clock, () => world.weight === 0, 5 * MINUTE)).toBeLessThanOrEqual(50)
    await controller.close()
  })

  it('is rolled back by controllers that live for one round each', async () => {
    const { world, controller, clock } = await baking()
    await controller.close()
    world.lostByCanary = 0.3
    for (let round = 0; round < 4; round++) {
      await clock.advance(15 * SECOND)
      const next = world.make()
      await next.evaluate()
      await next.close()
    }
    expect(world.weight).toBe(0)
  })

  it('is promoted if as many requests go unanswered as with the baseline', async () => {
    const world = outside()
    world.lostByBaseline = 0.05
    world.lostByCanary = 0.05
    const controller = world.make()
    await controller.start()
    expect(await until(world.clock, () => controller.status().reason !== null)).toBeDefined()
    expect(controller.status()).toMatchObject({ state: 'promoted', weight: 100 })
    await controller.close()
  })

  it('forgets what was counted before a new epoch', async () => {
    const { world, controller, clock } = await baking()
    expect((await storedIn(world.store))?.answered).toMatchObject({ bake: { inARow: 0 }, baseline: { unanswered: 0 } })
    await controller.promote({ full: true })
    await controller.retry()
    expect((await storedIn(world.store))?.answered).toBeUndefined()
    await clock.advance(MINUTE)
    await controller.close()
  })
})
