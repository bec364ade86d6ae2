import { type Controller, memoryStore, type StateStore, type StoredRollout } from '@model-canary/core/controller'
import { type WebhookOptions, webhook } from '@model-canary/core/webhook'
import { expect, it, onTestFinished } from 'vitest'
import { createWorld, type World } from '../controller/controller.fixture.js'
import { putInto, storedIn } from '../controller/stored.fixture.js'
import { nowhere, type Receiver, receiver, statuses, until, watchedClock } from './receiver.fixture.js'

const MOVES = ['step', 'promoted', 'rolled-back'] as const
const DAY = 86_400_000

/** A process with a webhook over the store of a world; its network has a clock of its own, which stands still. */
function process(world: World, url: string, given: Partial<WebhookOptions> = {}) {
  const clock = watchedClock()
  const controller = world.make()
  const hook = webhook({ url, clock, random: () => 0.5, events: MOVES, ...given })
  hook.attach(controller)
  onTestFinished(() => void hook.close({ timeoutMs: 0 }))
  return { controller, hook, clock }
}

/** Ends a process as it ought to be ended where the receiver is down: nothing comes of the waiting. */
async function end(world: World, { controller, hook, clock }: ReturnType<typeof process>): Promise<void> {
  const closed = Promise.all([controller.close(), hook.close()])
  await world.clock.advance(2_000)
  await clock.manual.advance(2_000)
  await closed
}

const typesOf = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body).type)
const idsOf = ({ received }: Receiver) => received.map(({ headers }) => headers['idempotency-key'])
const stored = async (store: StateStore): Promise<StoredRollout> => (await storedIn(store))!
const outboxOf = async ({ store }: World) => (await stored(store)).outbox?.map(({ news }) => news.type)

async function rolledBack(world: World, controller: Controller): Promise<void> {
  await controller.start()
  await controller.rollback({ reason: 'not today' })
  await world.clock.advance(0)
}

it('a process that is killed leaves its messages to the next one, which sends each once, with the same key', async () => {
  const world = createWorld()
  const to = await receiver((response) => response.socket!.destroy())
  const first = process(world, to.url)
  await rolledBack(world, first.controller)
  await until(() => to.received.length === 1) // and here it is killed, before anything was taken
  expect(await outboxOf(world)).toEqual(['step', 'step', 'rolled-back'])
  const [key] = idsOf(to)

  const up = await receiver()
  const second = process(world, up.url)
  await second.controller.start()
  await until(() => second.hook.delivered === 3)
  await until(() => second.hook.pending === 0)
  expect(typesOf(up)).toEqual(['step', 'step', 'rolled-back'])
  expect(idsOf(up)[0]).toBe(key)
  expect(new Set(idsOf(up)).size).toBe(3)
  expect(JSON.parse(up.received[2]!.body)).toMatchObject({
    state: 'rolled-back',
    versions: { baseline: 'v1', canary: 'v2' },
    data: { epoch: 1, reason: 'not today' },
  })
  await second.controller.close()
  expect(await stored(world.store)).not.toHaveProperty('outbox')

  const third = process(world, up.url)
  await third.controller.start()
  await third.controller.close()
  await third.hook.close()
  expect(up.received).toHaveLength(3)
})

it('a process that closes while the receiver is down leaves its messages as well', async () => {
  const world = createWorld()
  const first = process(world, await nowhere())
  await rolledBack(world, first.controller)
  await end(world, first)
  expect([first.hook.delivered, await outboxOf(world)]).toEqual([0, ['step', 'step', 'rolled-back']])
})

it('a message about an earlier canary version is still sent unchanged', async () => {
  const world = createWorld()
  await rolledBack(world, process(world, await nowhere()).controller)
  const up = await receiver()
  const next = world.make({ versions: { baseline: 'v1', canary: 'v3' } })
  const hook = webhook({ url: up.url, events: ['rolled-back'] })
  hook.attach(next)
  await next.start()
  await until(() => hook.delivered === 1)
  expect(JSON.parse(up.received[0]!.body)).toMatchObject({ epoch: 1, versions: { canary: 'v2' } })
  await next.close()
})

it('close() waits for pending messages, and does not store those that are accepted meanwhile', async () => {
  const world = createWorld()
  const answers: (() => void)[] = []
  const to = await receiver((response) => void answers.push(() => response.writeHead(204).end()))
  const { controller, hook } = process(world, to.url)
  await rolledBack(world, controller)
  await until(() => answers.length === 1)
  let isClosed = false
  const closed = controller.close().then(() => {
    isClosed = true
  })
  await world.clock.advance(1_000)
  expect(isClosed).toBe(false)
  answers[0]!()
  await until(() => answers.length === 2)
  expect(isClosed).toBe(false)
  answers[1]!()
  await until(() => answers.length === 3)
  answers[2]!()
  await closed
  expect(hook.delivered).toBe(3)
  expect(await stored(world.store)).not.toHaveProperty('outbox')
})

it('close() waits at most two seconds', async () => {
  const world = createWorld()
  const { controller } = process(world, await nowhere())
  await rolledBack(world, controller)
  const closed = controller.close()
  await world.clock.advance(2_000)
  await closed
  expect(await outboxOf(world)).toEqual(['step', 'step', 'rolled-back'])
})

it('each of two webhooks gets its own undelivered messages', async () => {
  const world = createWorld()
  const [up, later] = [await receiver(), await receiver(statuses(503))]
  const { controller, hook } = process(world, up.url)
  const other = webhook({ url: later.url, events: MOVES, clock: watchedClock() })
  other.attach(controller)
  onTestFinished(() => void other.close({ timeoutMs: 0 }))
  await rolledBack(world, controller)
  await until(() => hook.delivered === 3)
  const closed = controller.close()
  await world.clock.advance(2_000)
  await closed
  later.answer = statuses(204)
  const tried = later.received.length
  const next = process(world, up.url)
  const nextOther = webhook({ url: later.url, events: MOVES })
  nextOther.attach(next.controller)
  await next.controller.start()
  await until(() => nextOther.delivered === 3)
  await next.controller.close()
  expect([up.received.length, later.received.length - tried]).toEqual([3, 3])
  expect(await stored(world.store)).not.toHaveProperty('outbox')
})

it('a message that a receiver refuses is not sent again', async () => {
  const world = createWorld()
  const to = await receiver(statuses(410))
  const { controller, hook } = process(world, to.url)
  await rolledBack(world, controller)
  await until(() => hook.failed === 3)
  await controller.close()
  expect(await stored(world.store)).not.toHaveProperty('outbox')
})

it('a message that is older than a day is dropped', async () => {
  const world = createWorld()
  await rolledBack(world, process(world, await nowhere()).controller)
  world.clock.jump(DAY + 1)
  const up = await receiver()
  const { controller, hook } = process(world, up.url)
  await controller.start()
  await controller.retry()
  await until(() => hook.delivered >= 1)
  expect(JSON.parse(up.received[0]!.body)).toMatchObject({ type: 'step', epoch: 2 })
})

it('at most the newest twenty messages are stored', async () => {
  const world = createWorld()
  const { controller, hook } = process(world, await nowhere(), { events: ['rolled-back'] })
  await controller.start()
  for (let epoch = 1; epoch <= 25; epoch += 1) {
    await controller.rollback({ reason: 'r'.repeat(400) })
    await controller.retry()
  }
  const outbox = (await stored(world.store)).outbox!
  expect(outbox.map(({ news }) => 'epoch' in news.event && news.event.epoch)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 6),
  )
  expect(Buffer.byteLength(JSON.stringify(outbox))).toBeLessThanOrEqual(16 * 1_024)
  expect(hook.delivered).toBe(0)
})

it('invalid messages in a store are ignored without an error', async () => {
  const world = createWorld()
  await rolledBack(world, world.make())
  const before = await stored(world.store)
  const outbox = [null, 7, { id: 'a' }, { id: 'b', at: 0, news: null }] as never
  await putInto(world.store, { ...before, revision: before.revision + 1, outbox }, before.revision)
  const up = await receiver()
  const { controller, hook } = process(world, up.url)
  expect(await controller.start()).toMatchObject({ state: 'rolled-back', internalErrors: {} })
  expect([hook.pending, hook.failed]).toEqual([0, 0])
})

it('a courier that throws does not fail the rollout, and its message stays stored', async () => {
  const world = createWorld()
  const controller = world.make()
  controller.deliverTo({
    key: 'mine',
    types: ['rolled-back'],
    deliver: () => {
      throw new Error('no')
    },
  })
  await rolledBack(world, controller)
  await controller.close()
  expect(await outboxOf(world)).toEqual(['rolled-back'])
})

it('a forced change that overwrites the write of another process has one message, the one that was sent', async () => {
  const store = memoryStore()
  const world = createWorld(store)
  const up = await receiver()
  const { controller, hook } = process(world, up.url, { events: ['rolled-back'] })
  await controller.start()
  const before = await stored(store)
  const load = store.load
  let isBeaten = false
  store.load = async (signal) => {
    if (!isBeaten) {
      isBeaten = true
      await putInto(store, { ...before, revision: before.revision + 1 }, before.revision)
      await world.clock.advance(5)
    }
    return load(signal)
  }
  await controller.rollback({ reason: 'not today' })
  await until(() => hook.delivered === 1)
  await controller.close()
  expect([isBeaten, idsOf(up).length, await outboxOf(world)]).toEqual([true, 1, undefined])
})

it('no messages are stored without a webhook, nor messages that the webhook does not send', async () => {
  const world = createWorld(memoryStore())
  await rolledBack(world, world.make())
  expect(await stored(world.store)).not.toHaveProperty('outbox')
  const other = createWorld()
  await rolledBack(other, process(other, await nowhere(), { events: ['alert', 'promoted'] }).controller)
  expect(await stored(other.store)).not.toHaveProperty('outbox')
})
