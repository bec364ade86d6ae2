import { expect, vi } from 'vitest'
import { failedIn } from './load.fixture.js'
import { PATIENCE, type Worker } from './processes.fixture.js'
import type { World } from './world.fixture.js'

/** The most rollbacks that are measured. */
const MOST_ROUNDS = 15

/** Rolls back through one process. Resolves to how long after it the last of the others served no canary, in ms. */
async function timeToAll({ service, load }: World, through: Worker): Promise<number> {
  const weightsBefore = new Map(service.workers.map((worker) => [worker, worker.steps.length]))
  const zeroAt = (worker: Worker): number | undefined =>
    worker.steps.slice(weightsBefore.get(worker)).find(({ weight }) => weight === 0)?.at
  await through.ask('rollback')
  // asks no process, because answers take time
  await vi.waitUntil(() => service.workers.every((worker) => zeroAt(worker) !== undefined), PATIENCE)
  const sentBefore = load.ledger.length
  await service.states(({ state, weight }) => state === 'rolled-back' && weight === 0)
  await expect.poll(() => load.ledger.length, PATIENCE).toBeGreaterThan(sentBefore + 20)
  await load.stop()
  expect(load.ledger.slice(sentBefore).filter(({ answer }) => answer?.variant !== 'baseline')).toEqual([])
  return Math.max(...service.workers.map((worker) => zeroAt(worker)! - zeroAt(through)!))
}

/** Rolls back, through another process each time, until that was fast enough. A busy machine only adds to a time. */
async function measure(world: World, listens: boolean, mostMs: number): Promise<void> {
  const { service, load, start, redis } = world
  // without proxies, which take time, and with looks so rare that no process hears of a rollback by its own
  await start(8, { listens, port: redis.port, intervalMs: 60_000 })
  const times: number[] = []
  const [first, ...others] = service.workers
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const through = others[round % others.length]!
    load.start(80)
    times.push(await timeToAll(world, through))
    if (times.at(-1)! < mostMs) break
    await first!.ask('retry')
    await service.states(({ weight }) => weight === 20)
  }
  expect(failedIn(load)).toEqual([])
  expect(Math.min(...times)).toBeLessThan(mostMs)
}

/** Each process is told of it. */
export const rollsBackWithSubscription = (world: World): Promise<void> => measure(world, true, 100)

/** Each process hears of it with its next report, at the latest after a second. */
export const rollsBackWithoutSubscription = (world: World): Promise<void> => measure(world, false, 1_000 + 250)

/** The text of a stored head, as a program that is not this library writes it. */
async function headIn({ redis }: World): Promise<Record<string, unknown>> {
  const answer = await redis.command('HGET', 'mc:{sentiment}:head', 'doc')
  return JSON.parse(answer.slice(answer.indexOf('\r\n') + 2, -2))
}

/** Writes a head, and tells all processes of it. */
async function put({ redis }: World, head: Record<string, unknown>): Promise<void> {
  const key = 'mc:{sentiment}:head'
  const text = JSON.stringify(head)
  const origin = (await redis.command('HGET', key, 'origin')).split('\r\n')[1]!
  await redis.command('HSET', key, 'tag', String(head.tag), 'doc', text, 'fence', String(head.fence))
  await redis.command('PUBLISH', 'mc:{sentiment}:ch', `${origin} ${text}`)
}

/** A release of a later form takes part: it writes what this one cannot read. */
export async function keepsItsShareUnderANewerRelease(world: World): Promise<void> {
  const { service, load, start } = world
  await start(3)
  load.start(60)
  const before = await headIn(world)
  const { rev, route } = before as { rev: number; route: object }
  const newer = { ...before, wire: 2, schema: 9, rev: rev + 5, tag: 'newer.1', route: { ...route, weight: 60 } }
  await put(world, newer)
  const states = await service.states(({ alerts }) => alerts.length > 0)
  for (const { alerts, weight } of states) {
    expect(alerts).toEqual([expect.stringMatching(/^store: .*newer release/)])
    expect(weight).toBe(20)
  }
  expect(await headIn(world)).toEqual(newer)
  await put(world, { ...before, rev: rev + 6, tag: 'newer.2' })
  await service.leader()
  await load.stop()
  expect(failedIn(load)).toEqual([])
  await service.workers[1]!.ask('rollback')
  await service.states(({ state, weight }) => state === 'rolled-back' && weight === 0)
}
