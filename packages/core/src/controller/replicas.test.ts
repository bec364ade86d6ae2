import { describe, expect, it } from 'vitest'
import { linearPlan } from '../rollout/plan.js'
import type { TargetSplit } from '../rollout/ports.js'
import { counted } from '../rollout/rollout.fixture.js'
import { createWorld, heard, type World } from './controller.fixture.js'

const MINUTE = 60_000

/** One round of a cron job: a new process each time, over the same store. */
async function cron(world: World) {
  const controller = world.make()
  const status = await controller.evaluate()
  await controller.close()
  return status
}

describe('evaluate() as a cron job', () => {
  it('brings a good canary to 100 in processes that each make one round', async () => {
    const world = createWorld()
    for (let round = 0; round < 60; round += 1) {
      if ((await cron(world)).state === 'promoted') break
      await world.clock.advance(15_000)
    }
    expect(await cron(world)).toMatchObject({ state: 'promoted', weight: 100 })
    expect(new Set(world.taken)).toEqual(new Set([0, 2, 10, 50, 100]))
    expect(world.clock.pending).toBe(0)
  })

  it('follows a process that moves on at the same moment, where the target refuses the earlier weight', async () => {
    const world = createWorld()
    let present = { weight: 0, revision: 0 }
    const target = {
      async apply(split: TargetSplit) {
        if (split.revision < present.revision) throw new Error(`revision ${split.revision} is late`)
        present = split
      },
    }
    const round = async (store = world.store) => {
      const controller = world.make({ target, store })
      const pending = controller.evaluate()
      await world.clock.advance(15_000)
      const { weight } = await pending
      await controller.close()
      return weight
    }
    while ((await round()) < 10) await world.clock.advance(15_000)
    const early = await world.store.load(new AbortController().signal)
    while ((await round()) < 50) await world.clock.advance(15_000)
    let loads = 0
    const late = {
      ...world.store,
      load: async (signal: AbortSignal) => (loads++ === 0 ? early : world.store.load(signal)),
    }
    expect(await round(late)).toBe(50)
    expect(present.weight).toBe(50)
  })

  it('counts the time between two processes, and two intervals of it at most where no two rounds lay further apart', async () => {
    const world = createWorld()
    while ((await cron(world)).step < 1) await world.clock.advance(15_000)
    await world.clock.advance(10_000)
    expect(await cron(world)).toMatchObject({ step: 1, elapsedInStepMs: 10_000 })
    await world.clock.advance(60 * MINUTE)
    expect(await cron(world)).toMatchObject({ step: 1, elapsedInStepMs: 40_000 })
  })

  it.each([1, 5, 60])(
    'every %s min counts the time as it passes, from the second round of a step on',
    async (minutes) => {
      const world = createWorld()
      const plan = linearPlan([10, 50, 100], { minDurationMs: 12 * minutes * MINUTE, minRequests: 100 })
      const round = async () => {
        const controller = world.make({ plan })
        const status = await controller.evaluate()
        await controller.close()
        return status
      }
      while ((await round()).step < 1) await world.clock.advance(minutes * MINUTE)
      const elapsed: number[] = []
      for (let made = 0; made < 4; made += 1) {
        await world.clock.advance(minutes * MINUTE)
        elapsed.push((await round()).elapsedInStepMs / MINUTE)
      }
      expect(elapsed).toEqual([1, 2, 3, 4].map((count) => count * minutes))
    },
  )

  it('counts the time where two processes that live on make the rounds in turn', async () => {
    const world = createWorld()
    const plan = linearPlan([10, 50, 100], { minDurationMs: 60 * MINUTE, minRequests: 100 })
    const [one, other] = [world.make({ plan }), world.make({ plan })]
    while ((await one.evaluate()).step < 1) await world.clock.advance(5 * MINUTE)
    const elapsed: number[] = []
    for (const controller of [other, one, other, one]) {
      await world.clock.advance(5 * MINUTE)
      elapsed.push((await controller.evaluate()).elapsedInStepMs / MINUTE)
    }
    expect(elapsed).toEqual([5, 10, 15, 20])
    await Promise.all([one.close(), other.close()])
  })

  it('counts no time where the wall clock went back', async () => {
    const world = createWorld()
    while ((await cron(world)).step < 1) await world.clock.advance(15_000)
    world.clock.jump(-60 * MINUTE)
    await world.clock.advance(10_000)
    expect((await cron(world)).elapsedInStepMs).toBe(0)
  })

  it('rolls a bad canary back, and does nothing in the rounds after that', async () => {
    const world = createWorld()
    while ((await cron(world)).step < 1) await world.clock.advance(15_000)
    world.traffic.errorShare = 0.2
    await world.clock.advance(30_000)
    expect(await cron(world)).toMatchObject({ state: 'rolled-back', weight: 0 })
    const reads = world.reads()
    await world.clock.advance(15_000)
    expect(await cron(world)).toMatchObject({ state: 'rolled-back', epoch: 1 })
    expect(world.reads()).toBe(reads)
  })
})

describe('two controllers over one store', () => {
  async function pair() {
    const world = createWorld()
    const [a, b] = [world.make(), world.make()]
    await Promise.all([a.start(), b.start()])
    return { world, a, b }
  }

  it('begin one rollout, not two, and agree all the way', async () => {
    const { world, a, b } = await pair()
    for (let look = 0; look < 40; look += 1) {
      await world.clock.advance(15_000)
      expect(b.status()).toMatchObject({ epoch: 1, step: a.status().step, weight: a.status().weight })
    }
    expect([a.status().state, b.status().state]).toEqual(['promoted', 'promoted'])
  })

  it('take no less time and count no request twice', async () => {
    const { world, a, b } = await pair()
    while (a.status().step < 1) await world.clock.advance(1_000)
    await world.clock.advance(45_000)
    expect(b.status()).toMatchObject({ step: 1 })
    expect(a.status().requests.canary).toBeLessThanOrEqual(450)
    expect(a.status().elapsedInStepMs).toBeLessThanOrEqual(45_000)
    await world.clock.advance(30_000)
    expect(b.status().step).toBe(2)
  })

  it('drop a reading if another process has stored a newer one', async () => {
    const world = createWorld()
    let land = () => {}
    const slow = {
      read: () => new Promise<ReturnType<typeof counted>>((resolve) => (land = () => resolve(counted(40)))),
    }
    const fast = { read: async () => counted(50) }
    const options = { ioTimeoutMs: 60_000 }
    const [a, b] = [
      world.make({ ...options, source: slow }),
      world.make({ ...options, source: fast, intervalMs: 16_000 }),
    ]
    await Promise.all([a.start(), b.start()])
    await world.clock.advance(16_000)
    expect(b.status().requests.canary).toBe(50)
    land()
    await world.clock.advance(0)
    expect(a.status().requests).toEqual({ baseline: 50, canary: 50 })
  })

  it('roll back together, and each emits an event', async () => {
    const { world, a, b } = await pair()
    await world.clock.advance(MINUTE)
    const [fromA, fromB] = [heard(a, 'rolled-back'), heard(b, 'rolled-back')]
    await a.rollback({ reason: 'enough' })
    await world.clock.advance(0)
    const requests = { baseline: 300, canary: 300 }
    const ended = {
      epoch: 1,
      reason: 'enough',
      actor: 'operator',
      step: 1,
      weight: 10,
      elapsedInStepMs: 30_000,
      requests,
    }
    expect([fromA, fromB]).toEqual([[ended], [ended]])
    expect(b.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('go on together when one of them tries again', async () => {
    const { world, a, b } = await pair()
    await a.rollback()
    await world.clock.advance(MINUTE)
    await b.retry()
    await world.clock.advance(0)
    await b.close()
    await world.clock.advance(10 * MINUTE)
    expect(a.status()).toMatchObject({ epoch: 2, state: 'promoted' })
  })

  it('follow the next epoch even if one was started after the end', async () => {
    const { world, a } = await pair()
    await a.rollback()
    const late = world.make()
    expect(await late.start()).toMatchObject({ state: 'rolled-back' })
    await a.retry()
    await world.clock.advance(0)
    await a.close()
    await world.clock.advance(10 * MINUTE)
    expect(late.status()).toMatchObject({ epoch: 2, state: 'promoted' })
  })
})
