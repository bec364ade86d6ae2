import { describe, expect, it } from 'vitest'
import type { CanaryErrorCode } from '../foundation/errors.js'
import { linearPlan } from '../rollout/plan.js'
import { after, passed, stored } from '../rollout/rollout.fixture.js'
import { createWorld, heard } from './controller.fixture.js'
import { troubledStore } from './store.fixture.js'
import { putInto, storedIn } from './stored.fixture.js'

const MINUTE = 60_000

/** A controller that has reached step 1, at 10 percent. */
async function atStep1(world = createWorld(), options?: Parameters<typeof world.make>[0]) {
  const controller = world.make(options)
  await controller.start()
  while (controller.status().step < 1) await world.clock.advance(15_000)
  return { world, controller }
}

describe('a controller', () => {
  it('does nothing at all before it is started', async () => {
    const world = createWorld()
    world.make()
    await world.clock.advance(10 * MINUTE)
    expect([world.reads(), world.tries(), world.clock.pending]).toEqual([0, 0, 0])
  })

  it('looks first after an interval, not at once', async () => {
    const world = createWorld()
    await world.make().start()
    await world.clock.advance(14_999)
    expect(world.reads()).toBe(0)
    await world.clock.advance(1)
    expect(world.reads()).toBe(1)
  })

  it('brings a good canary to 100, and applies each weight once', async () => {
    const world = createWorld()
    const running = world.make().run()
    await world.clock.advance(10 * MINUTE)
    expect(await running).toMatchObject({ state: 'promoted', weight: 100 })
    expect(world.taken).toEqual([0, 2, 10, 50, 100])
    expect(world.clock.pending).toBe(1) // the store is looked at once a minute
  })

  it('rolls a bad canary back, with the reason in the status, the event and a sentence', async () => {
    const { world, controller } = await atStep1()
    const ended = heard(controller, 'rolled-back')
    world.traffic.errorShare = 0.2
    await world.clock.advance(30_000)
    expect(controller.status()).toMatchObject({
      state: 'rolled-back',
      weight: 0,
      reason: expect.stringContaining('errorRate'),
    })
    const { reason } = controller.status()
    const requests = { baseline: 150, canary: 150 }
    const place = { actor: 'judge', step: 1, weight: 10, elapsedInStepMs: 15_000, requests }
    expect(ended).toEqual([{ epoch: 1, reason, ...place }])
    expect(controller.explain()).toContain('"sentiment" of v2 against v1 is rolled-back at 0 %')
    expect(world.taken.at(-1)).toBe(0)
  })

  it('starts once, however often it is asked at the same time', async () => {
    const world = createWorld()
    const controller = world.make()
    const decisions = heard(controller, 'decision')
    await Promise.all([controller.start(), controller.start(), controller.start()])
    await controller.start()
    await world.clock.advance(0)
    expect(decisions.filter(({ action }) => action === 'start')).toHaveLength(1)
    expect(world.clock.pending).toBe(2) // looks, and the store once a minute
  })

  it('never has two looks at the same time, even if a round is slow', async () => {
    const world = createWorld()
    const controller = world.make({ intervalMs: 1_000, ioTimeoutMs: 30_000 })
    await controller.start()
    await world.clock.advance(1_000)
    world.source = 'hangs'
    await world.clock.advance(20_000)
    void controller.evaluate()
    await world.clock.advance(5_000)
    expect(world.mostReads()).toBe(1)
  })

  it('run() stops waiting when it is aborted, and the rollout goes on', async () => {
    const world = createWorld()
    const controller = world.make()
    const abortion = new AbortController()
    const running = controller.run({ signal: abortion.signal })
    await world.clock.advance(MINUTE)
    abortion.abort()
    expect(await running).toMatchObject({ state: 'progressing' })
    await world.clock.advance(10 * MINUTE)
    expect(controller.status().state).toBe('promoted')
  })

  it('goes on after retry(), which begins a new epoch', async () => {
    const { world, controller } = await atStep1()
    await controller.rollback({ actor: 'ada', reason: 'looked odd' })
    expect([controller.status().reason, world.clock.pending]).toEqual(['looked odd', 1])
    await controller.retry({ fromStep: 2 })
    await world.clock.advance(MINUTE)
    expect(controller.status()).toMatchObject({ epoch: 2, step: 2, weight: 50 })
  })

  it('keeps the time of a step over a pause', async () => {
    const { world, controller } = await atStep1()
    await world.clock.advance(25_000)
    await controller.pause()
    await world.clock.advance(60 * MINUTE)
    expect(controller.status()).toMatchObject({ state: 'paused', weight: 10, elapsedInStepMs: 25_000 })
    await controller.resume()
    await world.clock.advance(30_000)
    expect(controller.status()).toMatchObject({ state: 'progressing', step: 1 })
    await world.clock.advance(15_000)
    expect(controller.status().step).toBe(2)
  })

  it('ends a pause with a time by itself', async () => {
    const { world, controller } = await atStep1()
    await controller.pause({ untilMs: world.clock.now() + 5 * MINUTE })
    await world.clock.advance(5 * MINUTE - 15_000)
    expect(controller.status().state).toBe('paused')
    await world.clock.advance(30_000)
    expect(controller.status().state).toBe('progressing')
  })

  it('ends a pause at its wall time: after a restart, after the kill switch, and after the wall clock was set', async () => {
    const { world, controller } = await atStep1()
    const untilMs = world.clock.now() + 120 * MINUTE
    await controller.pause({ untilMs })
    await controller.close()
    await world.clock.advance(60 * MINUTE)
    const next = world.make()
    await next.start()
    await next.disable()
    await world.clock.advance(10 * MINUTE)
    await next.enable()
    world.clock.jump(48 * MINUTE)
    await world.clock.advance(MINUTE)
    expect(next.status().state).toBe('paused')
    expect(next.explain()).toContain('paused until 2026-01-01 0')
    await world.clock.advance(MINUTE + 15_000)
    expect(next.status()).toMatchObject({ state: 'progressing', step: 1 })
  })

  it('takes the weight away with the kill switch, and gives it back', async () => {
    const { world, controller } = await atStep1()
    await world.clock.advance(20_000)
    await controller.disable()
    await world.clock.advance(10 * MINUTE)
    expect(world.taken.at(-1)).toBe(0)
    expect(controller.status()).toMatchObject({ step: 1, weight: 10, enabled: false, elapsedInStepMs: 20_000 })
    await controller.enable()
    await world.clock.advance(0)
    expect(world.taken.at(-1)).toBe(10)
  })

  it.each<[what: string, ask: (world: ReturnType<typeof createWorld>) => unknown, code: CanaryErrorCode]>([
    ['an unknown option', (world) => world.make({ wieght: 1 } as object), 'UNKNOWN_OPTION'],
    ['an interval of NaN', (world) => world.make({ intervalMs: Number.NaN }), 'INVALID_OPTION'],
    ['no interval', (world) => world.make({ intervalMs: 0 }), 'INVALID_OPTION'],
    ['a history of half a decision', (world) => world.make({ historySize: 1.5 }), 'INVALID_OPTION'],
    ['a source without read', (world) => world.make({ source: {} as never }), 'INVALID_OPTION'],
    ['a target that is missing', (world) => world.make({ target: undefined as never }), 'INVALID_OPTION'],
    ['a store without load', (world) => world.make({ store: {} as never }), 'INVALID_OPTION'],
    ['a judge that is a function', (world) => world.make({ judge: (() => 'pass') as never }), 'INVALID_OPTION'],
    ['the same version twice', (world) => world.make({ versions: { baseline: 'v1', canary: 'v1' } }), 'SAME_VERSION'],
    [
      'a version called __proto__',
      (world) => world.make({ versions: { baseline: 'v1', canary: '__proto__' } }),
      'INVALID_VERSION',
    ],
    ['a rollout without a name', (world) => world.make({ name: '' }), 'INVALID_NAME'],
    ['no guardrails', (world) => world.make({ guardrails: [] }), 'NO_GUARDRAILS'],
    ['a plan that ends early', (world) => world.make({ plan: { steps: [] } }), 'INVALID_PLAN'],
  ])('refuses %s', (_, ask, code) => {
    expect(() => ask(createWorld())).toThrow(expect.objectContaining({ code }))
  })
})

describe('a source', () => {
  it.each(['hangs', 'rejects', 'no-data'] as const)(
    'that %s holds with one alert, never rolls back, and the rollout goes on after',
    async (trouble) => {
      const { world, controller } = await atStep1()
      await world.clock.advance(30_000)
      const alerts = heard(controller, 'alert')
      world.source = trouble
      await world.clock.advance(30 * MINUTE)
      expect(controller.status()).toMatchObject({ state: 'progressing', step: 1, weight: 10, waitingFor: 'data' })
      expect(alerts).toHaveLength(1)
      world.source = 'counts'
      await world.clock.advance(10 * MINUTE)
      expect(controller.status().state).toBe('promoted')
    },
  )

  it('that never has data holds in the warm-up', async () => {
    const world = createWorld()
    const controller = world.make()
    await controller.start()
    const alerts = heard(controller, 'alert')
    world.source = 'no-data'
    await world.clock.advance(60 * MINUTE)
    expect(controller.status()).toMatchObject({ state: 'warming', weight: 2, waitingFor: 'data' })
    expect(alerts.map(({ about }) => about)).toEqual(['no-data'])
  })
})

describe('a judge that throws', () => {
  it('holds like a broken source, and is counted', async () => {
    const world = createWorld()
    const judge = {
      name: 'broken',
      open: () => null,
      update: () => {
        throw new Error('no idea')
      },
      decide: () => expect.unreachable(),
    }
    const controller = world.make({ judge })
    await controller.start()
    await world.clock.advance(10 * MINUTE)
    expect(controller.status()).toMatchObject({ state: 'warming', weight: 2, internalErrors: { JUDGE_FAILED: 40 } })
  })
})

describe('a target', () => {
  it.each(['rejects', 'hangs'] as const)(
    'that %s a promotion keeps its weight, and the rollout waits for it',
    async (trouble) => {
      const { world, controller } = await atStep1()
      const alerts = heard(controller, 'alert')
      world.target = trouble
      await world.clock.advance(60 * MINUTE)
      expect(world.taken.at(-1)).toBe(10)
      expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
      expect(alerts.map(({ about }) => about)).toEqual(['target'])
      world.target = 'obeys'
      await world.clock.advance(20_000)
      expect(world.taken.at(-1)).toBe(50)
      await world.clock.advance(30_000)
      expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
      await world.clock.advance(30_000)
      expect(controller.status().step).toBe(3)
    },
  )

  it('that rejects a promotion does not keep a failing canary from being rolled back', async () => {
    const { world, controller } = await atStep1()
    world.target = 'rejects'
    await world.clock.advance(90_000)
    world.traffic.errorShare = 0.5
    await world.clock.advance(30_000)
    expect(controller.status().state).toBe('rolled-back')
  })

  it('that rejects a promotion and then the rollback is told of twice, with what is in force', async () => {
    const { world, controller } = await atStep1()
    const alerts = heard(controller, 'alert')
    world.target = 'rejects'
    await world.clock.advance(90_000)
    const rolledBack = controller.rollback().catch(() => {})
    await world.clock.advance(60_000)
    await rolledBack
    expect(alerts.map(({ message }) => message)).toEqual([
      'the target did not take 50 %, 10 % is in force: the mesh is down',
      'the target did not take 0 %, 10 % is in force: the mesh is down',
    ])
    world.target = 'obeys'
    await world.clock.advance(60 * MINUTE)
    expect(alerts).toHaveLength(2)
  })

  it.each(['rejects', 'hangs'] as const)('that %s a rollback is called until it has applied it', async (trouble) => {
    const { world, controller } = await atStep1()
    world.target = trouble
    const refused = expect(controller.rollback()).rejects.toMatchObject({
      code: 'TARGET_FAILED',
      // a call that hangs may have been carried out
      status: { state: 'rolled-back', weight: 0, inForce: trouble === 'hangs' ? null : { weight: 10 } },
    })
    await world.clock.advance(0)
    expect(controller.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    await world.clock.advance(MINUTE)
    await refused
    expect(world.taken.at(-1)).toBe(10)
    world.target = 'obeys'
    await world.clock.advance(10_000)
    expect(world.taken.at(-1)).toBe(0)
    expect(controller.status().internalErrors.TARGET_FAILED).toBeGreaterThan(3)
  })
})

describe('a gate', () => {
  const gated = (gate: () => boolean | Promise<boolean>) => ({
    plan: linearPlan([10, 50, 100], { minDurationMs: MINUTE, minRequests: 100, gate, gateTimeoutMs: 20_000 }),
  })

  it('that opens lets the step pass at the next look', async () => {
    const { world, controller } = await atStep1(
      createWorld(),
      gated(() => true),
    )
    await world.clock.advance(75_000)
    expect(controller.status()).toMatchObject({ step: 2, weight: 50 })
    const history = await controller.history()
    expect(history.some(({ actor, reason }) => actor === 'gate' && reason.includes('opened'))).toBe(true)
  })

  it.each([
    ['says no', () => false],
    ['throws', () => Promise.reject(new Error('no'))],
    ['hangs', () => new Promise<boolean>(() => {})],
    ['answers with a word', () => 'yes' as unknown as boolean],
  ])('that %s stays closed, with one alert', async (_, gate) => {
    const { world, controller } = await atStep1(createWorld(), gated(gate))
    const alerts = heard(controller, 'alert')
    await world.clock.advance(10 * MINUTE)
    expect(controller.status()).toMatchObject({ step: 1, weight: 10, waitingFor: 'gate' })
    expect(alerts.map(({ about }) => about)).toEqual(['gate'])
  })

  it('that is pending is not called again, and is aborted when the rollout ends', async () => {
    const signals: AbortSignal[] = []
    const gate = ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      return new Promise<boolean>(() => {})
    }
    const { world, controller } = await atStep1(createWorld(), gated(gate as never))
    await world.clock.advance(MINUTE + 15_000)
    expect(signals).toHaveLength(1)
    await controller.rollback()
    expect(signals[0]?.aborted).toBe(true)
    await world.clock.advance(0)
    expect([world.clock.pending, controller.status().internalErrors]).toEqual([1, {}])
  })

  it('whose answer the store could not take is asked again', async () => {
    const store = troubledStore()
    let answer = (_open: boolean) => {}
    const gate = () => new Promise<boolean>((resolve) => (answer = resolve))
    const { world, controller } = await atStep1(createWorld(store), gated(gate))
    await world.clock.advance(MINUTE)
    store.mode = 'down'
    answer(true)
    await world.clock.advance(0)
    store.mode = 'up'
    await world.clock.advance(15_000)
    answer(true)
    await world.clock.advance(15_000)
    expect(controller.status().step).toBe(2)
  })
})

describe('a store', () => {
  it('that is down at the start does not stop it: the rollout begins when the store is back', async () => {
    const store = troubledStore()
    store.mode = 'down'
    const world = createWorld(store)
    const controller = world.make()
    const alerts = heard(controller, 'alert')
    expect(await controller.start()).toMatchObject({ state: 'idle', weight: 0 })
    await world.clock.advance(5 * MINUTE)
    expect(alerts.map(({ about }) => about)).toEqual(['store'])
    store.mode = 'up'
    await world.clock.advance(30_000)
    expect(controller.status()).toMatchObject({ state: 'warming', weight: 2 })
  })

  it('that is down holds the weight; a rollback applies at once, and is stored later', async () => {
    const store = troubledStore()
    const { world, controller } = await atStep1(createWorld(store))
    store.mode = 'down'
    await world.clock.advance(5 * MINUTE)
    expect(controller.status()).toMatchObject({ step: 1, weight: 10 })
    const asked = controller.rollback()
    await world.clock.advance(0)
    expect(world.taken.at(-1)).toBe(0)
    await world.clock.advance(10_000)
    expect(await asked).toMatchObject({ state: 'rolled-back', weight: 0 })
    store.mode = 'up'
    await world.clock.advance(6_000)
    expect(await storedIn(store)).toMatchObject({ state: { state: 'rolled-back' } })
  })

  it('that is back is found within a minute, also where looks are rarer', async () => {
    const store = troubledStore()
    const world = createWorld(store)
    const controller = world.make({ intervalMs: 10 * MINUTE })
    await controller.start()
    store.mode = 'down'
    await world.clock.advance(10 * MINUTE)
    expect(controller.status().heldBy).toMatchObject({ by: 'store' })
    store.mode = 'up'
    await world.clock.advance(MINUTE)
    expect(controller.status().heldBy).toBeNull()
    await controller.close()
  })

  it('that is down rejects a verb with its code, and the verb has no effect later', async () => {
    const store = troubledStore()
    const { world, controller } = await atStep1(createWorld(store))
    store.mode = 'hanging'
    const refused = expect(controller.promote()).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await world.clock.advance(10_000)
    await refused
    store.mode = 'up'
    await world.clock.advance(0)
    expect(controller.status().step).toBe(1)
  })

  it('with a live rollout of another plan refuses the start, until it holds this plan', async () => {
    const store = troubledStore()
    const progressing = after([{ type: 'start' }, { type: 'warmed' }, passed])
    await putInto(store, stored({ revision: 1, weights: [5, 100], state: progressing }), 0)
    const controller = createWorld(store).make()
    await expect(controller.start()).rejects.toMatchObject({ code: 'INVALID_STATE' })
    await putInto(store, stored({ revision: 2, state: progressing }), 1)
    expect(await controller.start()).toMatchObject({ step: 1, weight: 10 })
  })
})

describe('verbs', () => {
  it('reject with nothing changed', async () => {
    const world = createWorld()
    const controller = world.make()
    await expect(controller.pause()).rejects.toMatchObject({ code: 'NOT_STARTED' })
    await controller.start()
    const before = await storedIn(world.store)
    await expect(controller.retry()).rejects.toMatchObject({ code: 'STILL_LIVE' })
    await expect(controller.promote({ expectedStep: 2 })).rejects.toMatchObject({ code: 'STEP_MOVED' })
    await expect(controller.pause({ because: 1 } as object)).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
    expect(await storedIn(world.store)).toEqual(before)
    await controller.rollback()
    await expect(controller.promote()).rejects.toMatchObject({ code: 'TERMINAL' })
    await controller.close()
    for (const verb of ['start', 'pause', 'resume', 'promote', 'rollback', 'retry', 'enable', 'disable'] as const) {
      await expect(controller[verb]()).rejects.toMatchObject({ code: 'CLOSED' })
    }
    await expect(controller.evaluate()).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(controller.run()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('of two people at once take one step if both expected the same step', async () => {
    const { controller } = await atStep1()
    const asked = [controller.promote({ expectedStep: 1 }), controller.promote({ expectedStep: 1 })]
    const results = await Promise.allSettled(asked)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(controller.status().step).toBe(2)
  })

  it('name who did it and why in the history', async () => {
    const { controller } = await atStep1()
    await controller.pause({ actor: 'ada', reason: 'lunch' })
    expect((await controller.history())[0]).toMatchObject({
      action: 'pause',
      actor: 'ada',
      reason: 'lunch',
      verdict: null,
    })
  })
})

describe('close()', () => {
  it.each([
    ['nothing', {}],
    ['a look that hangs', { source: 'hangs' }],
    ['a target that hangs', { target: 'hangs' }],
    ['a target that rejects', { target: 'rejects' }],
  ] as const)('with %s under way leaves no timer after 2 s', async (_, trouble) => {
    const { world, controller } = await atStep1()
    Object.assign(world, trouble)
    await world.clock.advance(70_000)
    const closing = controller.close()
    expect(controller.close()).toBe(closing)
    await world.clock.advance(2_000)
    await closing
    expect(world.clock.pending).toBe(0)
    const [reads, tries] = [world.reads(), world.tries()]
    await world.clock.advance(10 * MINUTE)
    expect([world.reads(), world.tries(), world.clock.pending]).toEqual([reads, tries, 0])
  })

  it.each(['down', 'hanging'] as const)('with a store that is %s leaves no timer and emits nothing', async (mode) => {
    const store = troubledStore()
    const { world, controller } = await atStep1(createWorld(store))
    store.mode = mode
    void controller.rollback()
    await world.clock.advance(1_000)
    const closing = controller.close()
    await world.clock.advance(2_000)
    await closing
    const alerts = heard(controller, 'alert')
    await world.clock.advance(10 * MINUTE)
    expect([world.clock.pending, alerts]).toEqual([0, []])
  })

  it('waits for a verb that is being written', async () => {
    const store = troubledStore()
    const { world, controller } = await atStep1(createWorld(store))
    const release = store.holdNextWrite('before')
    const promotion = controller.promote()
    await world.clock.advance(0)
    const closing = controller.close()
    await world.clock.advance(1_000)
    release()
    expect(await promotion).toMatchObject({ step: 2 })
    await closing
    expect(world.clock.pending).toBe(0)
  })

  it('resolves run() with the current status', async () => {
    const world = createWorld()
    const controller = world.make()
    const running = controller.run()
    await world.clock.advance(MINUTE)
    await controller.close()
    expect(await running).toMatchObject({ state: 'progressing', weight: 10 })
  })
})

describe('listeners', () => {
  it('that throw or reject are counted, reported at most once a second, and stop nothing', async () => {
    const world = createWorld()
    const controller = world.make()
    const errors = heard(controller, 'internal-error')
    controller.on('decision', () => {
      throw new Error('mine')
    })
    controller.on('decision', async () => {
      throw new Error('mine, later')
    })
    const running = controller.run()
    await world.clock.advance(10 * MINUTE)
    const status = await running
    expect(status.state).toBe('promoted')
    const history = await controller.history({ limit: 1_000 })
    expect(status.internalErrors).toEqual({ LISTENER_FAILED: 2 * history.length })
    const seconds = errors.map(({ at }) => Math.floor(at / 1_000))
    expect(new Set(seconds).size).toBe(seconds.length)
  })
})
