import { createCanary } from '@model-canary/core'
import type { Courier, Drift, StoredRollout, Target } from '@model-canary/core/controller'
import { memoryStore } from '@model-canary/core/controller'
import { type WebhookOptions, webhook } from '@model-canary/core/webhook'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createWorld, type World } from '../controller/controller.fixture.js'
import type { ControllerOptions } from '../controller/controller-options.js'
import { storedIn } from '../controller/stored.fixture.js'
import { nowhere, type Receiver, receiver, until, watchedClock } from './receiver.fixture.js'

const LOOK = 15_000
const byHand: Drift = { weight: 40, message: 'The route sends 40 % to the canary.' }

/** A process with a webhook over the store of a world; another client can change the weight at its target. */
function process(
  world: World,
  url: string,
  given: Partial<WebhookOptions> & { rollout?: Partial<ControllerOptions> } = {},
) {
  const { rollout, ...options } = given
  const clock = watchedClock()
  let tell = (_drift: Drift | null) => {}
  const target: Target = {
    apply: async () => {},
    watch(listener) {
      tell = listener
      return () => {}
    },
  }
  const controller = world.make({ target, ...rollout })
  const hook = webhook({ url, clock, random: () => 0.5, events: ['alert', 'rolled-back'], ...options })
  hook.attach(controller)
  onTestFinished(() => void hook.close({ timeoutMs: 0 }))
  return { controller, hook, clock, drift: (drift: Drift | null) => tell(drift) }
}

/** Ends a process in order while its receiver is down. */
async function end(world: World, { controller, hook, clock }: ReturnType<typeof process>): Promise<void> {
  const closed = Promise.all([controller.close(), hook.close()])
  await world.clock.advance(2_000)
  await clock.manual.advance(2_000)
  await closed
}

const stored = async ({ store }: World): Promise<StoredRollout> => (await storedIn(store))!
const outboxOf = async (world: World) => (await stored(world)).outbox ?? []
const typesIn = async (world: World) => (await outboxOf(world)).map(({ news }) => news.type)
const bodiesOf = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body))
const keysOf = ({ received }: Receiver) => received.map(({ headers }) => headers['idempotency-key'])

/** A store that can be down. */
function breakable() {
  const store = memoryStore()
  const state = { isDown: false, writes: 0 }
  const { write } = store
  store.write = (...asked) => {
    state.writes += 1
    return state.isDown ? Promise.reject(new Error('no store')) : write(...asked)
  }
  return { store, state }
}

describe('an alert that was not delivered', () => {
  it('is stored by the next look, and sent by the next process, once and as it was', async () => {
    const world = createWorld()
    const down = await receiver((response) => response.socket!.destroy())
    const first = process(world, down.url, { rollout: { repeatMs: [] } })
    await first.controller.start()
    await world.clock.advance(4 * LOOK)
    const at = world.clock.now()
    first.drift(byHand)
    await until(() => down.received.length > 0)
    expect(await typesIn(world)).toEqual([])
    first.drift(null)
    await world.clock.advance(LOOK) // an ordinary write; and here the process is killed
    expect(await outboxOf(world)).toMatchObject([{ at, epoch: 1, step: 1, news: { type: 'alert' } }])

    world.clock.jump(3_600_000)
    const up = await receiver()
    const second = process(world, up.url)
    await second.controller.start()
    await until(() => second.hook.delivered === 1)
    expect(bodiesOf(up)).toMatchObject([
      {
        type: 'alert',
        epoch: 1,
        at: new Date(at).toISOString(),
        data: { at, about: 'drift', message: byHand.message },
      },
    ])
    expect(keysOf(up)).toEqual([keysOf(down)[0]])
    await second.controller.close()
    expect(await stored(world)).not.toHaveProperty('outbox')
    const third = process(world, up.url)
    await third.controller.start()
    await third.controller.close()
    expect(up.received).toHaveLength(1)
  })

  it('is stored by close(), also after the end of a rollout', async () => {
    const world = createWorld()
    const first = process(world, await nowhere())
    await first.controller.start()
    await first.controller.rollback()
    first.drift(byHand)
    expect(await typesIn(world)).toEqual(['rolled-back'])
    await end(world, first)
    expect(await typesIn(world)).toEqual(['rolled-back', 'alert'])
    const up = await receiver()
    const next = world.make()
    await next.start()
    await next.retry()
    const hook = webhook({ url: up.url, events: ['alert'] })
    hook.attach(next) // late: the rollout is another one by now
    await until(() => hook.delivered === 1)
    expect(bodiesOf(up)).toMatchObject([{ type: 'alert', epoch: 1, state: 'rolled-back', weight: 0 }])
    await next.close()
  })

  it('is stored when it is given up, if no further look writes', async () => {
    const world = createWorld()
    const first = process(world, await nowhere(), { events: ['alert'], retries: 0 })
    await first.controller.start()
    await first.controller.rollback()
    first.drift(byHand)
    await until(() => first.hook.failed === 1)
    await expect.poll(() => typesIn(world)).toEqual(['alert'])
  })

  it('is not stored if it was delivered or refused for good, or if no webhook sends it', async () => {
    for (const [status, events] of [
      [204, ['alert']],
      [410, ['alert']],
      [503, ['rolled-back']],
    ] as const) {
      const { store, state } = breakable()
      const world = createWorld(store)
      const to = await receiver((response) => void response.writeHead(status).end())
      const { controller, hook, drift } = process(world, to.url, { events })
      await controller.start()
      await world.clock.advance(4 * LOOK)
      const before = state.writes
      drift(byHand)
      if (status !== 503) await until(() => hook.delivered + hook.failed === 1)
      drift(null)
      await controller.close()
      expect([status, state.writes - before, await typesIn(world)]).toEqual([status, 0, []])
    }
  })

  it('about the weight that was left at the end is stored as well', async () => {
    const world = createWorld()
    const apply = () => new Promise<never>(() => {})
    const first = process(world, await nowhere(), { rollout: { target: { apply } }, events: ['alert'] })
    await first.controller.start()
    await world.clock.advance(1_000)
    const closed = first.controller.close()
    await world.clock.advance(2_500)
    await closed
    const left = (await outboxOf(world)).map(({ news }) => news.type === 'alert' && news.event.message)
    expect(left).toContainEqual(expect.stringMatching(/^closed: the target has not taken 2 %/))
  })

  it('is not written to a store that was never read', async () => {
    const { store, state } = breakable()
    const world = createWorld(store)
    const { controller } = process(world, await nowhere(), { events: ['promoted'] })
    await controller.start()
    await controller.close()
    const before = state.writes
    const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, store })
    const hook = webhook({ url: await nowhere(), events: ['alert'], retries: 0 })
    hook.attach(canary)
    canary.begin().end({ outcome: 'success' })
    await until(() => hook.failed === 1) // it was not started
    await canary.close()
    expect(state.writes - before).toBe(0)
  })

  it('is kept, even if later messages were delivered', async () => {
    const world = createWorld()
    const first = process(world, await nowhere(), { events: ['promoted'] })
    first.controller.deliverTo({
      key: 'mine',
      types: ['alert', 'decision'],
      deliver: async ({ type }) => type === 'alert',
    })
    await first.controller.start()
    await world.clock.advance(4 * LOOK)
    for (let times = 0; times < 30; times += 1) {
      first.drift({ weight: 40, message: `Somebody did it, ${String.fromCharCode(65 + times)}.` })
      first.drift(null)
    }
    await world.clock.advance(0) // all of them are delivered
    await first.controller.rollback()
    await first.controller.close()
    const kept = (await outboxOf(world)).map(({ news }) => news.type === 'decision' && news.event.action)
    expect(kept.at(-1)).toBe('rollback')
  })
})

describe('with a second process', () => {
  it('does not store or send an alert again that the other process delivered', async () => {
    const world = createWorld()
    const first = process(world, await nowhere(), { events: ['promoted'] })
    const second = world.make()
    const tries = { first: 0, second: 0 }
    const courier = (who: keyof typeof tries, isDone: boolean): Courier => ({
      key: 'the same',
      types: ['alert'],
      deliver: async () => {
        tries[who] += 1
        return isDone
      },
    })
    first.controller.deliverTo(courier('first', false))
    second.deliverTo(courier('second', true))
    await first.controller.start()
    await second.start()
    await world.clock.advance(4 * LOOK)
    first.drift(byHand)
    first.drift(null)
    for (let looks = 0; looks < 8; looks += 1) await world.clock.advance(LOOK)
    expect([tries, await typesIn(world)]).toEqual([{ first: 1, second: 1 }, []])
    await first.controller.close()
    await second.close()
    expect([tries, await typesIn(world)]).toEqual([{ first: 1, second: 1 }, []])
  })
})

describe('while the store is down', () => {
  it('keeps alerts in memory, and stores them when the store is back', async () => {
    const { store, state } = breakable()
    const world = createWorld(store)
    const first = process(world, await nowhere())
    await first.controller.start()
    await world.clock.advance(4 * LOOK)
    state.isDown = true
    await world.clock.advance(4 * LOOK)
    const back = first.controller.rollback({ reason: 'not today' })
    expect(first.controller.status().state).toBe('rolled-back')
    expect(await typesIn(world)).toEqual([])
    state.isDown = false
    await world.clock.advance(10 * LOOK)
    await back
    const outbox = await outboxOf(world)
    expect(outbox.map(({ news }) => news.type).sort()).toEqual(['alert', 'rolled-back'])
    expect(JSON.stringify(outbox)).toContain('no store')
  })
})

describe('a full outbox', () => {
  it('drops alerts and decisions before the end of a rollout', async () => {
    const world = createWorld()
    const first = process(world, await nowhere(), { events: ['alert', 'rolled-back', 'decision'], holds: true })
    await first.controller.start()
    await first.controller.rollback({ reason: 'not today' })
    await first.controller.retry()
    for (let times = 0; times < 60; times += 1) {
      first.drift({
        weight: 40,
        message: `Somebody else did it, ${'x'.repeat(400)}${String.fromCharCode(65 + times)}.`,
      })
      first.drift(null)
      await world.clock.advance(LOOK)
    }
    await end(world, first)
    const outbox = await outboxOf(world)
    const types = outbox.map(({ news }) => news.type)
    expect([types[0], new Set(types.slice(1))]).toEqual(['rolled-back', new Set(['alert'])])
    expect(types.length).toBeGreaterThan(10)
    expect(types.length).toBeLessThanOrEqual(20)
    expect(Buffer.byteLength(JSON.stringify(outbox))).toBeLessThanOrEqual(16 * 1_024)
    expect(JSON.stringify(outbox.at(-1))).toContain(`x${String.fromCharCode(65 + 59)}.`)
  })
})

describe('a decision that was not delivered', () => {
  it('is stored without its checks, and sent by the next process', async () => {
    const world = createWorld()
    const first = process(world, await nowhere(), { events: ['decision'] })
    await first.controller.start()
    await world.clock.advance(8 * LOOK)
    await first.controller.rollback({ reason: 'not today' })
    await end(world, first)
    const outbox = await outboxOf(world)
    const actions = outbox.map(({ news }) => news.type === 'decision' && news.event.action)
    expect([actions[0], actions.at(-1), actions.includes('hold')]).toEqual(['start', 'rollback', false])
    expect(JSON.stringify(outbox)).not.toContain('"guardrail"')

    const up = await receiver()
    const second = process(world, up.url, { events: ['decision'] })
    await second.controller.start()
    await until(() => second.hook.delivered === actions.length)
    expect(bodiesOf(up).map(({ data }) => data.action)).toEqual(actions)
    await second.controller.close()
    expect(await stored(world)).not.toHaveProperty('outbox')
  })

  it('to hold is not stored for a webhook that does not send holds', async () => {
    const world = createWorld()
    const first = process(world, await nowhere(), { events: ['decision'] })
    await first.controller.start()
    for (let looks = 0; looks < 40; looks += 1) await world.clock.advance(LOOK / 5)
    const actions = (await outboxOf(world)).map(({ news }) => news.type === 'decision' && news.event.action)
    expect(actions).toContain('advance')
    expect(actions).not.toContain('hold')
  })
})
