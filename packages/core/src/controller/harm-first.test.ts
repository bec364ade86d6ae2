import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import type { Judge, Verdict } from '../judging/judge.js'
import { linearPlan } from '../rollout/plan.js'
import type { RolloutState } from '../rollout/state.js'
import { createWorld, heard } from './controller.fixture.js'
import { troubledStore } from './store.fixture.js'
import { putInto, storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

type Response = NonNullable<Verdict['response']>

/** A judge that lets everything pass until the canary errs after the warm-up, and then answers as told. */
function strictJudge(response: Response): Judge {
  const judge: Judge<number> = {
    name: 'strict',
    open: () => 0,
    update: (errors, { canary }) => errors + canary.outcomes.error,
    decide: (errors, { epoch, step }) =>
      errors > 0 && step > 0
        ? { kind: 'fail', response, epoch, step, checks: [] }
        : { kind: 'pass', epoch, step, checks: [] },
    watch: { everyMs: SECOND, isUrgent: (errors) => errors > 0 },
  }
  return judge as Judge
}

const plan = linearPlan([10, 100], { minDurationMs: 60 * MINUTE, minRequests: 1 })
const warmUp = { weight: 2, durationMs: 30 * SECOND }

/** A canary at 10 percent in this process, whose store can be troubled. */
async function inProcess(response: Response) {
  const clock = manualClock()
  const store = troubledStore()
  const canary = createCanary({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    judge: strictJudge(response),
    tripwire: false,
    plan,
    warmUp,
    store,
    clock,
  })
  const world = { isBad: false }
  const serve = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      for (let request = 0; request < 100; request += 1) {
        const flight = canary.begin()
        flight.end({ outcome: world.isBad && flight.variant === 'canary' ? 'error' : 'success' })
      }
      await clock.advance(SECOND)
    }
  }
  await canary.start()
  await clock.advance(0)
  while (canary.status().step < 1) await serve(1)
  return {
    clock,
    store,
    rollout: canary,
    inForce: () => canary.status().inForce?.weight,
    breaks: () => (world.isBad = true),
    serve,
  }
}

/** A controller at 10 percent over a target, whose store can be troubled. */
async function overTarget(response: Response) {
  const store = troubledStore()
  const world = createWorld(store)
  const controller = world.make({ judge: strictJudge(response), plan, warmUp, intervalMs: SECOND })
  await controller.start()
  const { clock, taken } = world
  while (controller.status().step < 1) await clock.advance(SECOND)
  const serve = (seconds: number) => clock.advance(seconds * SECOND)
  return {
    clock,
    store,
    rollout: controller,
    inForce: () => taken.at(-1),
    breaks: () => (world.traffic.errorShare = 0.5),
    serve,
  }
}

describe.each([
  ['in the process', inProcess],
  ['over a target', overTarget],
] as const)('harm that is found %s', (_, make) => {
  describe.each(['down', 'hanging', 'nonsense'] as const)('while the store is %s', (mode) => {
    it.each([
      ['rollback', 'rolled-back', 0],
      ['demote', 'warming', 2],
    ] as const)(
      'acts within 2 s by a verdict of %s, and is stored when the store is back',
      async (response, state, weight) => {
        const { clock, store, rollout, inForce, breaks, serve } = await make(response)
        store.mode = mode
        await serve(20) // a look is on its way into the store, and others have failed
        breaks()
        await serve(2)
        expect(rollout.status()).toMatchObject({ state, weight })
        expect(inForce()).toBe(weight)
        store.mode = 'up'
        await clock.advance(16 * SECOND)
        expect((await storedIn(store))?.state.weight).toBe(response === 'demote' ? rollout.status().weight : 0)
        await rollout.close()
      },
    )
  })
})

describe('a verdict that takes canary away', () => {
  it('changes nothing in mode observe, whatever the store does', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make({ judge: strictJudge('rollback'), plan, warmUp, mode: 'observe' })
    await controller.start()
    while (controller.status().step < 1) await world.clock.advance(15 * SECOND)
    store.mode = 'down'
    world.traffic.errorShare = 0.5
    await world.clock.advance(5 * MINUTE)
    expect(controller.status()).toMatchObject({ state: 'progressing', weight: 10 })
    expect(world.taken.at(-1)).toBe(10)
  })

  it('may be a stall that rolls back', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make({ plan, warmUp, maxDurationMs: 5 * MINUTE, onStall: 'rollback' })
    await controller.start()
    await world.clock.advance(2 * MINUTE)
    store.mode = 'down'
    await world.clock.advance(4 * MINUTE)
    expect(controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(world.taken.at(-1)).toBe(0)
    expect((await controller.history())[0]).toMatchObject({ action: 'rollback', actor: 'clock' })
  })

  it.each([['a newer epoch', 2, 'warming', 2]] as const)(
    'gives way to %s that the store shows then, drives the target there, and says so',
    async (_, epoch, state, weight) => {
      const { clock, store, rollout: mine, breaks } = await overTarget('rollback')
      const alerts = heard(mine, 'alert')
      const inner = (await storedIn(store))!
      store.mode = 'down'
      breaks()
      await clock.advance(2 * SECOND)
      expect(mine.status()).toMatchObject({ state: 'rolled-back' })
      store.mode = 'up'
      const step = state === 'warming' ? 0 : 2
      const theirs = { ...inner.state, epoch, state: state, weight, step } as RolloutState
      expect(await putInto(store, { ...inner, revision: inner.revision + 1, state: theirs }, inner.revision)).toBe(true)
      await clock.advance(10 * SECOND)
      expect(mine.status()).toMatchObject({ epoch, inForce: { weight } })
      expect(alerts.filter(({ about }) => about === 'store').at(-1)?.message).toContain(
        `the store holds epoch ${epoch}`,
      )
      await mine.close()
    },
  )

  it('replaces a promotion of the same epoch that the store shows then', async () => {
    const { clock, store, rollout: mine, breaks } = await overTarget('rollback')
    const inner = (await storedIn(store))!
    store.mode = 'down'
    breaks()
    await clock.advance(2 * SECOND)
    store.mode = 'up'
    const theirs = { ...inner.state, state: 'promoted', weight: 100, step: 2 } as RolloutState
    await putInto(store, { ...inner, revision: inner.revision + 1, state: theirs }, inner.revision)
    await clock.advance(10 * SECOND)
    expect(mine.status()).toMatchObject({ state: 'rolled-back', inForce: { weight: 0 } })
    expect((await storedIn(store))!.state).toMatchObject({ state: 'rolled-back', weight: 0 })
    await mine.close()
  })

  it('is judged by evaluate() as well, where the store does not answer and the rollout is known', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make({ judge: strictJudge('rollback'), plan, warmUp, intervalMs: 10 * MINUTE })
    await controller.start()
    await world.clock.advance(20 * MINUTE)
    expect(controller.status().step).toBe(1)
    store.mode = 'hanging'
    world.traffic.errorShare = 0.5
    await world.clock.advance(SECOND)
    const refused = expect(controller.evaluate()).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await world.clock.advance(2 * SECOND)
    expect(world.taken.at(-1)).toBe(0)
    await world.clock.advance(60 * SECOND)
    await refused
    await Promise.all([controller.close(), world.clock.advance(2 * SECOND)])
  })
})
