import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createCanary } from '../canary/create-canary.js'
import type { Clock } from '../runtime/clock.js'
import { createWorld, heard } from './controller.fixture.js'
import type { ControllerOptions } from './controller-options.js'
import { troubledStore } from './store.fixture.js'
import { storedIn } from './stored.fixture.js'

const SECOND = 1_000
const MINUTE = 60_000

/** The same clock, and how many of its timers keep the process alive now. */
function countingClock(inner: Clock) {
  let alive = 0
  const clock: Clock = {
    ...inner,
    now: () => inner.now(),
    elapsed: () => inner.elapsed(),
    schedule(delayMs, task, options) {
      if (options?.keepAlive !== true) return inner.schedule(delayMs, task, options)
      alive += 1
      const cancel = inner.schedule(delayMs, task, options)
      return () => {
        alive -= 1
        cancel()
      }
    },
  }
  return { clock, alive: () => alive }
}

/** A controller at 10 percent. */
async function atStep1(options: Partial<ControllerOptions> = {}) {
  const world = createWorld()
  const { clock, alive } = countingClock(world.clock)
  const controller = world.make({ ...options, clock })
  return { world, clock: world.clock, controller, alive }
}

describe('run()', () => {
  it.each(['rejects', 'hangs'] as const)(
    'keeps the process alive until a target that %s has taken the 0',
    async (trouble) => {
      const { world, clock, controller, alive } = await atStep1()
      let isOver = false
      const running = controller.run().finally(() => {
        isOver = true
      })
      await clock.advance(MINUTE)
      expect(alive()).toBe(1)
      world.target = trouble
      world.traffic.errorShare = 0.5
      await clock.advance(15 * SECOND)
      expect([controller.status().state, isOver, alive()]).toEqual(['rolled-back', false, 1])
      await clock.advance(20 * SECOND)
      expect([isOver, alive()]).toEqual([false, 1])
      world.target = 'obeys'
      await clock.advance(12 * SECOND)
      expect(await running).toMatchObject({ state: 'rolled-back', inForce: { weight: 0 } })
      expect([world.taken.at(-1), alive(), clock.pending]).toEqual([0, 0, 1]) // the store is looked at once a minute
    },
  )

  it('rejects after settleTimeoutMs with the weight in force, and goes on trying the target', async () => {
    const { world, clock, controller, alive } = await atStep1({ settleTimeoutMs: 5 * SECOND })
    const running = controller.run()
    const refused = expect(running).rejects.toMatchObject({
      code: 'TARGET_FAILED',
      message: expect.stringContaining('10 % is in force'),
      status: { state: 'rolled-back', weight: 0, inForce: { weight: 10 }, heldBy: { by: 'target' } },
    })
    await clock.advance(MINUTE)
    world.target = 'rejects'
    world.traffic.errorShare = 0.5
    await clock.advance(25 * SECOND)
    await refused
    expect(alive()).toBe(0)
    world.target = 'obeys'
    await clock.advance(6 * SECOND)
    expect(world.taken.at(-1)).toBe(0)
  })

  it('ends at once if it is aborted or the controller is closed while it waits for the target', async () => {
    for (const how of ['abort', 'close'] as const) {
      const { world, clock, controller } = await atStep1()
      const abortion = new AbortController()
      const running = controller.run({ signal: abortion.signal })
      await clock.advance(MINUTE)
      world.target = 'rejects'
      world.traffic.errorShare = 0.5
      await clock.advance(15 * SECOND)
      const end = how === 'abort' ? expect(running).resolves : expect(running).rejects
      const status = { state: 'rolled-back', inForce: { weight: 10 } }
      const ended = end.toMatchObject(how === 'abort' ? status : { code: 'TARGET_FAILED', status })
      if (how === 'abort') abortion.abort()
      else await Promise.all([controller.close(), clock.advance(2 * SECOND)])
      await ended
    }
  })
})

describe('evaluate()', () => {
  it('waits for the target, keeps the process alive meanwhile, and rejects with the status', async () => {
    const world = createWorld()
    const { clock: counting, alive } = countingClock(world.clock)
    const controller = world.make({ clock: counting, settleTimeoutMs: 20 * SECOND })
    while ((await controller.evaluate()).step < 1) await world.clock.advance(15 * SECOND)
    world.target = 'rejects'
    await controller.promote()
    const round = controller.evaluate()
    const refused = expect(round).rejects.toMatchObject({
      code: 'TARGET_FAILED',
      status: { weight: 50, inForce: { weight: 10 } },
    })
    await world.clock.advance(15 * SECOND)
    expect(alive()).toBe(1)
    await world.clock.advance(30 * SECOND)
    await refused
    expect(alive()).toBe(0)
    world.target = 'obeys'
    const again = controller.evaluate()
    await world.clock.advance(10 * SECOND)
    expect(await again).toMatchObject({ weight: 50, inForce: { weight: 50 } })
    await controller.close()
  })
})

describe('a rollback that the store does not take', () => {
  it('is waited for by evaluate(), which rejects then: the next round is made by what is stored', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make({ settleTimeoutMs: 30 * SECOND })
    while ((await controller.evaluate()).step < 1) await world.clock.advance(15 * SECOND)
    await world.clock.advance(30 * SECOND)
    world.traffic.errorShare = 0.5
    await world.clock.advance(15 * SECOND)
    const { write } = store
    store.write = async () => {
      throw new Error('read only')
    }
    const refused = expect(controller.evaluate()).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await world.clock.advance(0)
    expect(world.taken.at(-1)).toBe(0)
    await world.clock.advance(MINUTE)
    await refused
    store.write = write
    await world.clock.advance(6 * SECOND)
    expect(await controller.evaluate()).toMatchObject({ state: 'rolled-back' })
    expect((await storedIn(store))?.state.state).toBe('rolled-back')
    await controller.close()
  })
})

describe('the verbs rollback() and disable()', () => {
  it.each(['rollback', 'disable'] as const)('%s resolves once the target has taken the 0', async (verb) => {
    const { world, clock, controller, alive } = await atStep1()
    await controller.start()
    await clock.advance(MINUTE)
    world.target = 'rejects'
    let isOver = false
    const asked = controller[verb]().finally(() => {
      isOver = true
    })
    await clock.advance(2 * SECOND)
    expect([isOver, alive()]).toEqual([false, 1])
    world.target = 'obeys'
    await clock.advance(5 * SECOND)
    expect(await asked).toMatchObject({ inForce: { weight: 0 } })
    expect([world.taken.at(-1), alive()]).toEqual([0, 0])
  })

  it.each([
    ['rollback', 'rejects'],
    ['rollback', 'hangs'],
    ['disable', 'rejects'],
    ['disable', 'hangs'],
  ] as const)('%s waits for a target that %s also if it is sent again with the same key', async (verb, trouble) => {
    const { world, clock, controller } = await atStep1({ settleTimeoutMs: 20 * SECOND })
    await controller.start()
    await clock.advance(MINUTE)
    world.target = trouble
    const first = expect(controller[verb]({ idempotencyKey: 'k-1' })).rejects.toMatchObject({ code: 'TARGET_FAILED' })
    await clock.advance(10 * SECOND)
    const again = expect(controller[verb]({ idempotencyKey: 'k-1' })).rejects.toMatchObject({ code: 'TARGET_FAILED' })
    await clock.advance(20 * SECOND)
    await Promise.all([first, again])
    world.target = 'obeys'
    await clock.advance(30 * SECOND)
    expect(await controller[verb]({ idempotencyKey: 'k-1' })).toMatchObject({ inForce: { weight: 0 } })
    await controller.close()
  })

  it('rollback does not wait for a target if the rollout has begun again since the same key', async () => {
    const { world, clock, controller } = await atStep1()
    await controller.start()
    await clock.advance(MINUTE)
    await controller.rollback({ idempotencyKey: 'k-1' })
    world.target = 'hangs'
    await controller.retry()
    expect(await controller.rollback({ idempotencyKey: 'k-1' })).toMatchObject({ epoch: 2, state: 'warming' })
    const closed = controller.close()
    await clock.advance(3 * SECOND)
    await closed
  })
})

describe('close()', () => {
  it('reports the weight in force after 2 s if it is not the decided weight', async () => {
    const { world, clock, controller } = await atStep1()
    await controller.start()
    await clock.advance(MINUTE)
    const alerts = heard(controller, 'alert')
    world.target = 'hangs'
    const rolledBack = controller.rollback().catch((error: unknown) => error)
    await clock.advance(0)
    const closing = controller.close()
    await clock.advance(2 * SECOND)
    await closing
    expect(await rolledBack).toMatchObject({ code: 'TARGET_FAILED' })
    expect(alerts.at(-1)).toMatchObject({ about: 'target', message: expect.stringContaining('10 % is in force') })
    expect(clock.pending).toBe(0)
  })

  it('reports nothing if the decided weight is in force', async () => {
    const { clock, controller } = await atStep1()
    await controller.start()
    await clock.advance(MINUTE)
    const alerts = heard(controller, 'alert')
    await controller.close()
    expect(alerts).toEqual([])
  })
})

describe('the options', () => {
  it.each(['settleTimeoutMs', 'watchAfterEndMs'])('%s takes a time above 0', (name) => {
    for (const value of [0, -1, Number.NaN, '1']) {
      expect(() => createWorld().make({ [name]: value as number })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
      )
    }
    expect(() => createWorld().make({ [name]: 1_500 })).not.toThrow()
  })

  it('watchAfterEndMs may be Infinity', () => {
    expect(() => createWorld().make({ watchAfterEndMs: Number.POSITIVE_INFINITY })).not.toThrow()
  })
})

describe('the process', () => {
  it('stays alive while it waits for start(), a verb or close(), and no longer', async () => {
    const world = createWorld()
    const { clock, alive } = countingClock(world.clock)
    const store = troubledStore()
    const controller = world.make({ clock, store, storeTimeoutMs: 5 * SECOND })
    const during = async (call: () => Promise<unknown>): Promise<readonly boolean[]> => {
      let isOver = false
      const ended = call().then(
        () => (isOver = true),
        () => (isOver = true),
      )
      await world.clock.advance(SECOND)
      const before = [isOver, alive() > 0]
      await world.clock.advance(10 * SECOND)
      await ended
      return [...before, alive() > 0]
    }
    store.mode = 'hanging'
    expect(await during(() => controller.start())).toEqual([false, true, false])
    store.mode = 'up'
    await world.clock.advance(MINUTE)
    store.mode = 'hanging'
    expect(await during(() => controller.pause())).toEqual([false, true, false])
    expect(await during(() => controller.close())).toEqual([false, true, false])
  })
})

describe('start()', () => {
  it('waits for the promise of a strategy no longer than ioTimeoutMs', async () => {
    const clock = manualClock()
    const { clock: counting, alive } = countingClock(clock)
    const canary = createCanary({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      strategy: new Promise(() => {}),
      ioTimeoutMs: 3 * SECOND,
      clock: counting,
    })
    const refused = expect(canary.start()).rejects.toMatchObject({
      code: 'INVALID_STRATEGY',
      message: expect.stringContaining('did not settle'),
    })
    await clock.advance(SECOND)
    expect(alive()).toBe(1)
    await clock.advance(2 * SECOND)
    await refused
    expect([clock.pending, alive()]).toEqual([0, 0])
  })
})
