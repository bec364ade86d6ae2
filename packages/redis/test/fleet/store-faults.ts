import { expect } from 'vitest'
import { answeredIn, failedIn, longestDelayOf, p99Of, type Sent } from './load.fixture.js'
import { PATIENCE, type Worker } from './processes.fixture.js'
import type { World } from './world.fixture.js'

/** How long after its store is back a process may serve the canary of a rollback that it did not know, in ms. */
const LONGEST_RETURN_MS = 2_000

/** When a store was back, on the clock of the workers and on that of their users, in milliseconds. */
interface Return {
  readonly at: number
  readonly sentAt: number
}

const returnNow = (): Return => ({ at: Date.now(), sentAt: performance.now() })

/** Expects that the workers, rolled back by now, have served no canary soon after a return. */
function expectZeroSoon({ load }: World, workers: readonly Worker[], since: Return): void {
  const times = workers.map(({ steps }) => {
    const { weight, at } = steps.at(-1)!
    return weight === 0 ? at - since.at : Number.POSITIVE_INFINITY
  })
  // a busy machine delays as much as a request: the connection, its two first answers, and the report
  const delayMs = longestDelayOf(load.ledger.filter(({ sentAt }) => sentAt >= since.sentAt))
  expect(Math.max(...times)).toBeLessThan(LONGEST_RETURN_MS + 4 * delayMs)
}

const isRolledBack = ({ state, weight }: { state: string; weight: number }): boolean =>
  state === 'rolled-back' && weight === 0

/** Resolves to the different tags of the head and of what all processes apply; empty while one has not reported. */
async function tagsIn({ redis }: World, count: number): Promise<readonly string[]> {
  const members = await redis.command('HVALS', 'mc:{sentiment}:members')
  const applied = [...members.matchAll(/"tag":"([^"]+)"/g)].map(([, tag]) => tag!)
  const head = /\r\n(.+)\r\n/.exec(await redis.command('HGET', 'mc:{sentiment}:head', 'tag'))?.[1]
  if (head === undefined || applied.length < count) return []
  return [...new Set([head, ...applied])]
}

/** Redis is killed, and comes back empty. */
export async function fillsAnEmptyStore(world: World): Promise<void> {
  const { service, load, start, restartRedis } = world
  await start(8)
  load.start(160)
  await expect.poll(() => load.ledger.length, PATIENCE).toBeGreaterThan(300)
  const leader = await service.leader()
  const before = service.workers.map(({ steps }) => steps.length)
  await restartRedis()
  await expect.poll(() => tagsIn(world, 8), PATIENCE).toHaveLength(1)
  expect(service.workers.map(({ steps }) => steps.length)).toEqual(before)
  const all = () => answeredIn(load, 1, 1)
  await world.counted(() => ({ least: all(), most: all() }))
  expect(all()).toBe(load.ledger.length)
  expect(failedIn(load)).toEqual([])
  await service.workers.find((worker) => worker !== leader)!.ask('rollback')
  await service.states(isRolledBack)
}

/** Redis hangs. Meanwhile one process finds harm. */
export async function rollsBackWhileTheStoreHangs(world: World): Promise<void> {
  const { redis, service, load, start } = world
  await start(8, { hold: 10 })
  load.start(160)
  await expect.poll(() => load.ledger.length, PATIENCE).toBeGreaterThan(480)
  const harmed = service.workers[3]!
  const others = service.workers.filter((worker) => worker !== harmed)
  const [before, hungAt] = [p99Of(load.ledger), performance.now()]
  process.kill(redis.pid, 'SIGSTOP')
  await harmed.ask('fail')
  await expect.poll(() => harmed.steps.at(-1)?.weight, PATIENCE).toBe(0)
  await expect.poll(() => performance.now() - hungAt, PATIENCE).toBeGreaterThan(3_000)
  expect(new Set(others.map(({ steps }) => steps.at(-1)!.weight))).toEqual(new Set([10]))
  const p99 = p99Of(load.ledger.filter(({ sentAt }: Sent) => sentAt > hungAt))
  const up = returnNow()
  process.kill(redis.pid, 'SIGCONT')
  await service.states(isRolledBack)
  expect(p99).toBeLessThan(before + 400)
  expectZeroSoon(world, others, up)
  await load.stop()
  expect(failedIn(load)).toEqual([])
}

/** One process is cut off while another rolls back; then it is the only one that knows of a rollback. */
export async function forgetsNoRollbackOfOneCutOff(world: World): Promise<void> {
  const { redis, service, load, start, proxyOf } = world
  await start(8)
  load.start(160)
  const cutOff = service.workers[5]!
  const others = service.workers.filter((worker) => worker !== cutOff)
  const line = proxyOf(cutOff)

  line.swallow()
  await others[1]!.ask('rollback')
  await service.states(isRolledBack, others)
  expect(await cutOff.ask('state')).toMatchObject({ state: 'progressing', weight: 20 })
  const firstReturn = returnNow()
  line.heal()
  await service.states(isRolledBack)
  expectZeroSoon(world, [cutOff], firstReturn)

  await others[0]!.ask('retry')
  await service.states(({ weight, epoch }) => weight === 20 && epoch === 2)
  line.swallow()
  await cutOff.ask('rollback')
  await others[2]!.ask('promote')
  await service.states(({ state }) => state === 'promoted', others)
  expect(await cutOff.ask('state')).toMatchObject({ state: 'rolled-back', weight: 0 })
  await redis.command('FLUSHALL')
  await expect.poll(() => tagsIn(world, 7), PATIENCE).toHaveLength(1)
  const secondReturn = returnNow()
  line.heal()
  await service.states(isRolledBack)
  expectZeroSoon(world, others, secondReturn)
  await load.stop()
  expect(failedIn(load)).toEqual([])
}
