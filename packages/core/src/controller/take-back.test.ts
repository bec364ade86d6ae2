import { describe, expect, it, vi } from 'vitest'
import { after, course } from '../rollout/rollout.fixture.js'
import { idleState } from '../rollout/state.js'
import { transition } from '../rollout/transition.js'
import { createWorld, heard } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { troubledStore } from './store.fixture.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

/** A canary that was promoted, by a controller over a store that a test can take down. */
async function promoted(options: Partial<ControllerOptions> = {}) {
  const store = troubledStore()
  const world = createWorld(store)
  const controller = world.make(options)
  await controller.start()
  await world.clock.advance(15 * SECOND)
  await controller.promote({ full: true })
  await world.clock.advance(SECOND)
  expect([controller.status().state, world.taken.at(-1)]).toEqual(['promoted', 100])
  return { world, store, controller }
}

describe('rollback() after a promotion', () => {
  it('sends all requests to the baseline, and retry() begins anew', async () => {
    const { world, controller } = await promoted()
    const ends = heard(controller, 'rolled-back')
    expect(await controller.rollback({ reason: 'the labels came in' })).toMatchObject({
      state: 'rolled-back',
      weight: 0,
      reason: 'the labels came in',
    })
    expect(world.taken.at(-1)).toBe(0)
    expect(ends).toMatchObject([{ epoch: 1, reason: 'the labels came in' }])
    expect(await controller.retry()).toMatchObject({ state: 'warming', epoch: 2 })
  })

  it('works in the next process after a restart, until close()', async () => {
    const { world, controller } = await promoted()
    await controller.close()
    const next = world.make()
    await next.start()
    expect(await next.rollback()).toMatchObject({ state: 'rolled-back' })
    await next.close()
    await expect(next.rollback()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('acts at once while the store is down, and reaches it and the other replicas later', async () => {
    const { world, store, controller } = await promoted()
    const other = world.make()
    await other.start()
    store.mode = 'down'
    const asked = controller.rollback()
    await world.clock.advance(15 * SECOND)
    expect((await asked).state).toBe('rolled-back')
    expect(world.taken.at(-1)).toBe(0)
    store.mode = 'up'
    await world.clock.advance(MINUTE)
    expect(other.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('replaces a promotion that another replica stored at the same moment', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const [one, other] = [world.make(), world.make()]
    await one.start()
    await other.start()
    await world.clock.advance(15 * SECOND)
    const release = store.holdNextWrite('after')
    const promoting = other.promote({ full: true })
    await world.clock.advance(0)
    const rolling = one.rollback()
    release()
    await Promise.all([promoting, rolling.catch(() => {}), world.clock.advance(MINUTE)])
    expect([one.status().state, other.status().state]).toEqual(['rolled-back', 'rolled-back'])
    expect((await storedIn(store))?.state).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it.each([
    ['a judge', { type: 'analyzed', verdict: { kind: 'fail', response: 'rollback', epoch: 1, step: 3, checks: [] } }],
    ['the tripwire', { type: 'tripped', epoch: 1 }],
    ['a canary that cannot be warmed', { type: 'rollback', reason: 'no weights' }],
  ])('is not possible for %s', (_, event) => {
    const end = after([{ type: 'start' }, { type: 'warmed' }, { type: 'promote', full: true }], idleState, course)
    expect(transition(end, { requests: { baseline: 9, canary: 9 }, ...event } as never, course)).toEqual([end, []])
  })

  it('is refused where the target finds no baseline, and nothing is changed', async () => {
    const { world, controller } = await promoted()
    const apply = vi.fn(async () => {})
    const checkBaseline = async () => {
      throw new Error('0 of 3 endpoints are ready')
    }
    await controller.close()
    const next = world.make({ target: { apply, checkBaseline } })
    await next.start()
    await world.clock.advance(SECOND)
    apply.mockClear()
    await expect(next.rollback()).rejects.toMatchObject({
      code: 'TARGET_FAILED',
      message: expect.stringContaining('nothing was changed: 0 of 3 endpoints are ready'),
    })
    expect(next.status()).toMatchObject({ state: 'promoted', weight: 100 })
    expect(apply).not.toHaveBeenCalled()
  })

  it('does not wait for ever for a target that does not answer', async () => {
    const { world, controller } = await promoted()
    await controller.close()
    const next = world.make({ target: { apply: async () => {}, checkBaseline: () => new Promise(() => {}) } })
    await next.start()
    const refused = expect(next.rollback()).rejects.toMatchObject({ code: 'TARGET_FAILED' })
    await world.clock.advance(10 * SECOND)
    await refused
    expect(next.status().state).toBe('promoted')
  })

  it('of a live rollout does not ask the target first', async () => {
    const world = createWorld()
    const checkBaseline = vi.fn()
    const controller = world.make({ target: { apply: async () => {}, checkBaseline } })
    await controller.start()
    await world.clock.advance(15 * SECOND)
    expect(await controller.rollback()).toMatchObject({ state: 'rolled-back' })
    expect(checkBaseline).not.toHaveBeenCalled()
  })
})

describe('promote() under the kill switch', () => {
  it.each([{ full: true }, {}])('is refused with %o, and nothing is promoted', async (options) => {
    const world = createWorld()
    const controller = world.make()
    await controller.start()
    await world.clock.advance(15 * SECOND)
    const events = heard(controller, 'promoted')
    await controller.disable()
    await expect(controller.promote(options)).rejects.toMatchObject({ code: 'SWITCHED_OFF' })
    expect(controller.status()).toMatchObject({ state: 'warming', step: 0 })
    await controller.enable()
    expect(events).toEqual([])
    expect(await controller.promote({ full: true })).toMatchObject({ state: 'promoted' })
    expect(events).toHaveLength(1)
  })
})

describe('start() on a version that was rolled back', () => {
  it('says that retry() is needed, and begins nothing', async () => {
    const world = createWorld()
    const one = world.make()
    await one.start()
    await one.rollback({ reason: 'too slow' })
    await one.close()
    const other = world.make()
    const alerts = heard(other, 'alert')
    expect(await other.start()).toMatchObject({ state: 'rolled-back' })
    expect(alerts).toMatchObject([
      {
        about: 'not-started',
        message: 'start() begins nothing: v2 was rolled back in epoch 1 (too slow); retry() tries it again',
      },
    ])
    expect(other.explain()).toContain('Call retry() to try this canary again')
    await other.retry()
    const more = world.make()
    const none = heard(more, 'alert')
    await more.start()
    expect(none).toEqual([])
  })
})

describe('a logger of a controller', () => {
  it('gets a line for what happens, and is refused where it cannot', async () => {
    const world = createWorld()
    const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    const controller = world.make({ logger })
    await controller.start()
    await controller.rollback({ reason: 'enough' })
    expect(logger.info).toHaveBeenCalledWith('[canary sentiment] start by operator: started')
    expect(logger.warn).toHaveBeenCalledWith(
      '[canary sentiment] rolled back by operator, to 0 % of the requests (after 0 s in the warm-up, 0 canary and 0 baseline requests): enough',
    )
    expect(() => world.make({ logger: { info: () => {} } as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
