import { manualClock } from '@model-canary/testing'
import { describe, expect, it, vi } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import { linearPlan } from '../rollout/plan.js'
import type { Drift, Target, TargetSplit } from '../rollout/ports.js'
import { after, passed, stored } from '../rollout/rollout.fixture.js'
import { createWorld, heard } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { memoryStore } from './memory-store.js'
import { troubledStore } from './store.fixture.js'
import { putInto } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000
const NEW_YEAR = Date.UTC(2026, 0, 1)
const atStep1 = after([{ type: 'start' }, { type: 'warmed' }, passed])

/** A table that others can change: tells drift as a target should, and takes what it is told. */
function table(weight = 0) {
  const splits: TargetSplit[] = []
  const world = { weight }
  let applied = weight
  let tell = (_: Drift | null) => {}
  const target: Target = {
    async apply(split) {
      splits.push(split)
      world.weight = split.weight
      applied = split.weight
      tell(null)
    },
    watch(listener) {
      tell = listener
      return () => {
        tell = () => {}
      }
    },
  }
  const put = (by: number) => {
    world.weight = by
    tell(by === applied ? null : { weight: by, message: `The table says ${by} %; ${applied} % was applied.` })
  }
  return { target, splits, world, put, tell: (drift: Drift | null) => tell(drift) }
}

/** A controller over such a table. */
async function started(options: Partial<ControllerOptions> = {}, state?: typeof atStep1) {
  const world = createWorld()
  const { target, splits, put, world: there, tell } = table()
  if (state !== undefined) await putInto(world.store, stored({ revision: 5, state }), 0)
  const controller = world.make({ target, ...options })
  await controller.start()
  return { world, clock: world.clock, controller, splits, put, there, tell }
}

describe('what is in force', () => {
  it('is unknown until a target has taken a weight, and then that weight, with its time', async () => {
    const world = createWorld()
    const controller = world.make()
    expect(controller.status().inForce).toBeNull()
    await controller.start()
    await world.clock.advance(MINUTE)
    expect(controller.status()).toMatchObject({ weight: 10, inForce: { weight: 10, since: NEW_YEAR + 30 * SECOND } })
  })

  it('stays what it was while the target refuses, and the explanation begins with that and the code', async () => {
    const world = createWorld()
    const { clock } = world
    const controller = world.make()
    await controller.start()
    await clock.advance(MINUTE)
    world.target = 'rejects'
    await clock.advance(MINUTE)
    expect(controller.status()).toMatchObject({
      weight: 50,
      inForce: { weight: 10 },
      heldBy: { by: 'target', code: 'TARGET_FAILED' },
      eta: null,
    })
    expect(controller.explain()).toMatch(
      /^50 % is decided and 10 % is in force: the target did not apply it \(TARGET_FAILED\)/,
    )
  })

  it.each([
    ['hangs', () => new Promise<never>(() => {})],
    ['wrote it and cannot tell', () => Promise.reject(Object.assign(new Error('no answer'), { mayBeInForce: true }))],
  ])('is not known while the target %s', async (_, fail) => {
    const world = createWorld()
    const { clock } = world
    let isWell = true
    const controller = world.make({ target: { apply: async () => (isWell ? undefined : fail()) } })
    await controller.start()
    await clock.advance(MINUTE)
    isWell = false
    await clock.advance(MINUTE)
    expect(controller.status()).toMatchObject({ weight: 50, inForce: null, heldBy: { by: 'target' } })
    expect(controller.explain()).toMatch(
      /^50 % is decided and the weight in force is unknown: the target did not apply it/,
    )
    isWell = true
    await clock.advance(MINUTE)
    expect(controller.status()).toMatchObject({ inForce: { weight: 50 }, heldBy: null })
  })

  it('is the weight that others have set while that lasts, or unknown if the target cannot read it', async () => {
    const { clock, controller, put, tell } = await started()
    await clock.advance(MINUTE)
    put(40)
    expect(controller.status()).toMatchObject({
      weight: 10,
      inForce: { weight: 40, since: NEW_YEAR + MINUTE },
      heldBy: { by: 'drift', code: null },
      eta: null,
    })
    expect(controller.explain()).toMatch(/^10 % is decided and 40 % is in force\. The table says 40 %/)
    tell({ weight: null, message: 'The table is gone.' })
    expect(controller.status().inForce).toBeNull()
    put(10)
    expect(controller.status()).toMatchObject({ inForce: { weight: 10 }, heldBy: null })
  })

  it('is the share of this process without a target, from the beginning on', async () => {
    const clock = manualClock()
    const canary = createCanary({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      plan: linearPlan([10, 100]),
      warmUp: { weight: 2 },
      clock,
    })
    expect(canary.status().inForce).toEqual({ weight: 0, since: NEW_YEAR })
    await clock.advance(SECOND)
    await canary.start()
    await clock.advance(0)
    expect(canary.status()).toMatchObject({ weight: 2, inForce: { weight: 2, since: NEW_YEAR + SECOND } })
    await canary.disable()
    expect(canary.status()).toMatchObject({ weight: 2, inForce: { weight: 0 } })
    await canary.close()
  })

  it('is the decided weight if the store is down, and the explanation begins with the store', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make()
    await controller.start()
    await world.clock.advance(MINUTE)
    store.mode = 'down'
    await world.clock.advance(15 * SECOND)
    expect(controller.status()).toMatchObject({ heldBy: { by: 'store', code: 'STORE_FAILED' }, eta: null })
    expect(controller.explain()).toMatch(/^The store is down \(STORE_FAILED\)/)
    store.mode = 'up'
    await world.clock.advance(15 * SECOND)
    expect(controller.status().heldBy).toBeNull()
  })
})

describe('a target gets', () => {
  it('no last weight at the first start, and then the weight that it took last', async () => {
    const { clock, splits } = await started()
    await clock.advance(MINUTE)
    expect(splits).toMatchObject([
      { weight: 0, epoch: 1, isReduction: false, lastKnown: null },
      { weight: 2, isReduction: false, lastKnown: 0 },
      { weight: 10, isReduction: false, lastKnown: 2 },
    ])
    const revisions = splits.map(({ revision }) => revision)
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
  })

  it.each<[what: string, state: typeof atStep1, split: Partial<TargetSplit>]>([
    ['a step', atStep1, { weight: 10, isReduction: false, lastKnown: 10 }],
    ['a rollback', after([{ type: 'rollback' }], atStep1), { weight: 0, isReduction: true }],
    ['the kill switch', after([{ type: 'disable' }], atStep1), { weight: 0, isReduction: true }],
    [
      'a promotion',
      after([{ type: 'promote', full: true }], atStep1),
      { weight: 100, isReduction: false, lastKnown: 100 },
    ],
  ])('%s that was stored before this process began', async (_, state, split) => {
    const { clock, splits } = await started({}, state)
    await clock.advance(0)
    expect(splits[0]).toMatchObject(split)
  })

  it('nothing if the store holds other versions and the rollout was not started', async () => {
    const store = memoryStore()
    const versions = { baseline: 'v0', canary: 'v1' }
    await putInto(store, stored({ revision: 5, state: atStep1, versions }), 0)
    const world = createWorld(store)
    const { target, splits } = table()
    const controller = world.make({ target, onNewRelease: 'supersede' })
    await expect(controller.pause()).rejects.toMatchObject({ code: 'NOT_STARTED' })
    await controller.start()
    await world.clock.advance(0)
    expect(splits.map(({ weight, epoch }) => [weight, epoch]).slice(0, 2)).toEqual([
      [0, 2],
      [2, 2],
    ])
  })
})

describe('more canary', () => {
  it('is not applied over a weight that others have set, until that is undone', async () => {
    const { clock, controller, put, there } = await started()
    await clock.advance(MINUTE)
    put(40)
    await controller.promote()
    await clock.advance(MINUTE)
    expect([controller.status().weight, there.weight]).toEqual([50, 40])
    put(10)
    await clock.advance(0)
    expect(there.weight).toBe(50)
    expect(controller.status()).toMatchObject({ inForce: { weight: 50 }, heldBy: null })
  })

  it.each([
    [0, true],
    [40, false],
  ])('is sent where a rollout begins and others have set %i: %s', async (weight, isSent) => {
    const world = createWorld()
    const sent: number[] = []
    const target: Target = {
      apply: async (split) => void sent.push(split.weight),
      watch(listener) {
        listener({ weight, message: `The table says ${weight} %; 100 % was applied.` })
        return () => {}
      },
    }
    await world.make({ target }).start()
    await world.clock.advance(MINUTE)
    expect(sent.some((each) => each > 0)).toBe(isSent)
  })

  it('is applied if others have set the same weight', async () => {
    const { clock, controller, put, splits } = await started()
    await clock.advance(MINUTE)
    put(50)
    await controller.promote()
    await clock.advance(0)
    expect(splits.at(-1)).toMatchObject({ weight: 50 })
  })

  it('that waits is dropped for less canary', async () => {
    const { clock, controller, put, there, splits } = await started()
    await clock.advance(MINUTE)
    put(40)
    await controller.promote()
    await controller.rollback()
    await clock.advance(MINUTE)
    expect(there.weight).toBe(0)
    expect(splits.some(({ weight }) => weight === 50)).toBe(false)
  })
})

describe('after the end', () => {
  it.each(['rollback', 'disable'] as const)(
    'by %s, a weight that somebody puts back is told, and 0 is written again',
    async (verb) => {
      const { clock, controller, put, there, splits } = await started()
      await clock.advance(MINUTE)
      await controller[verb]()
      await clock.advance(MINUTE)
      const alerts = heard(controller, 'alert')
      const drifts = heard(controller, 'drift')
      put(40)
      expect(controller.status()).toMatchObject({ drift: { weight: 40 }, inForce: { weight: 40 } })
      await clock.advance(0)
      expect(there.weight).toBe(0)
      expect(splits.at(-1)).toMatchObject({ weight: 0, isReduction: true })
      expect(controller.status()).toMatchObject({ drift: null, inForce: { weight: 0 } })
      expect([drifts.length, alerts.map(({ about }) => about)]).toEqual([1, ['drift']])
      await controller.close()
    },
  )

  it('0 is written repeatedly, with pauses, if others keep changing it', async () => {
    const { clock, controller, put, splits } = await started()
    await clock.advance(MINUTE)
    await controller.rollback()
    await clock.advance(MINUTE)
    const before = splits.length
    for (let second = 0; second < 60; second += 1) {
      put(40)
      await clock.advance(SECOND / 2)
    }
    expect(splits.length - before).toBeGreaterThan(10)
    expect(splits.length - before).toBeLessThan(40)
    await controller.close()
  })

  it('0 is written less and less often, in the end twice a minute, while the drift goes on', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    let tell = (_: Drift | null) => {}
    const at: number[] = []
    const world = createWorld()
    const target: Target = {
      apply: async () => void at.push(world.clock.elapsed()),
      watch(listener) {
        tell = listener
        return () => {}
      },
    }
    const controller = world.make({ target })
    await controller.start()
    await world.clock.advance(MINUTE)
    await controller.rollback()
    await world.clock.advance(MINUTE)
    at.length = 0
    tell({ weight: null, message: 'The table cannot be seen.' })
    await world.clock.advance(10 * MINUTE)
    const pauses = at.slice(1).map((time, index) => time - at[index]!)
    expect(pauses.slice(0, 3)).toEqual([2 * SECOND, 4 * SECOND, 8 * SECOND])
    expect(pauses.at(-1)).toBe(MINUTE / 2)
    vi.restoreAllMocks()
    await controller.close()
    expect(world.clock.pending).toBe(0)
  })

  it('by a promotion, a weight that others set is reported, and nothing is written', async () => {
    const { clock, controller, put, there } = await started()
    await clock.advance(MINUTE)
    await controller.promote({ full: true })
    await clock.advance(MINUTE)
    const alerts = heard(controller, 'alert')
    put(0)
    await clock.advance(10 * MINUTE)
    expect(there.weight).toBe(0)
    expect(controller.status()).toMatchObject({
      state: 'promoted',
      weight: 100,
      inForce: { weight: 0 },
      drift: { weight: 0 },
    })
    expect(alerts.map(({ about }) => about)).toEqual(['drift'])
    await controller.close()
  })

  it('the target is not watched after watchAfterEndMs', async () => {
    const { clock, controller, put, there } = await started({ watchAfterEndMs: MINUTE })
    await clock.advance(MINUTE)
    await controller.rollback()
    await clock.advance(MINUTE)
    put(40)
    await clock.advance(MINUTE)
    expect(there.weight).toBe(40)
  })
})
