import { expect } from 'vitest'
import { COMMIT, KEEP } from '../../src/scripts/records.js'
import { answeredIn, failedIn, type Load } from './load.fixture.js'
import { historyOf, PATIENCE, type Worker } from './processes.fixture.js'
import { NEXT_LEADER_MS, type World } from './world.fixture.js'

/** The longest time between two reports of a process, in milliseconds, and what a busy machine adds. */
const REPORT_MS = 1_000 + 500

/** Ends a process as a crash does. Resolves to when that was. */
async function kill(worker: Worker): Promise<number> {
  worker.isServing = false
  const killedAt = performance.now()
  await worker.end('SIGKILL')
  return killedAt
}

/** Bounds of what is counted in a step: all, but for what killed processes had not reported yet. */
const countedIn = (load: Load, step: number, killed: ReadonlyMap<Worker, number>) => () => {
  const isReported = ({ worker, endedAt = 0 }: { worker: Worker; endedAt?: number }): boolean =>
    endedAt < (killed.get(worker) ?? Number.POSITIVE_INFINITY) - REPORT_MS
  return { least: answeredIn(load, 1, step, isReported), most: answeredIn(load, 1, step) }
}

const answered = (load: Load, step: number, requests: number) =>
  expect.poll(() => answeredIn(load, 1, step), PATIENCE).toBeGreaterThan(requests)

/** Kills two leaders: one before its step was written, and one after that, before it knew. */
export async function survivesKilledLeaders({ service, load, start, proxyOf, fence, ...world }: World): Promise<void> {
  await start(8, { weights: [20, 50, 100] })
  load.start(160)
  const killed = new Map<Worker, number>()
  const isStepTo = (step: number) => (text: string) => text.includes(COMMIT.text.sha) && text.includes(`"step":${step}`)

  const [first, other] = service.workers as readonly [Worker, Worker]
  await proxyOf(first).holdFrom(isStepTo(2))
  const firstFence = (await fence())!
  killed.set(first, await kill(first))
  proxyOf(first).drop()
  await other.ask('pause') // so that no step ends while its requests are compared
  expect(await world.nextLease(firstFence)).toBeLessThan(NEXT_LEADER_MS)
  expect((await service.states(({ step }) => step === 1)).length).toBe(7)
  await world.counted(countedIn(load, 1, killed))

  const second = await service.leader()
  const held = proxyOf(second).holdFrom(isStepTo(2))
  await service.workers.find((worker) => worker !== second)!.ask('resume')
  load.start(160)
  await held
  const secondFence = (await fence())!
  killed.set(second, await kill(second))
  proxyOf(second).release()
  await service.states(({ step, weight }) => step === 2 && weight === 50)
  await answered(load, 2, 200)
  await service.workers[0]!.ask('pause')
  expect(await world.nextLease(secondFence)).toBeLessThan(NEXT_LEADER_MS)
  await world.counted(countedIn(load, 2, killed))

  await service.workers[0]!.ask('resume')
  load.start(160)
  await service.states(({ state, weight }) => state === 'promoted' && weight === 100)
  await load.stop()
  expect(failedIn(load)).toEqual([])
  const history = await historyOf(service.workers[0]!)
  expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, at) => at + 1))
  const moves = history.filter(({ weight, now }) => now.weight !== weight)
  expect(moves.map(({ now }) => now.weight)).toEqual([20, 50, 90, 100])
}

/** Stops a leader while it writes, until another one leads. */
export async function survivesStoppedLeader({ service, load, start, proxyOf, fence, ...world }: World): Promise<void> {
  await start(8)
  load.start(160)
  const stopped = service.workers[0]!
  const proxy = proxyOf(stopped)
  await answered(load, 1, 200)
  await proxy.holdFrom((text) => text.includes(KEEP.text.sha))
  const before = (await fence())!
  stopped.isServing = false
  stopped.child.kill('SIGSTOP')
  const passed = await world.nextLease(before)
  expect(passed).toBeLessThan(NEXT_LEADER_MS)
  expect(proxy.answers()).not.toContain('deposed')
  proxy.release()
  await expect.poll(proxy.answers, PATIENCE).toContain('deposed')
  stopped.child.kill('SIGCONT')
  stopped.isServing = true
  expect(await service.leader()).not.toBe(stopped)
  await answered(load, 1, load.ledger.length + 200)
  expect(await fence()).toBe(before + 1)
  const all = () => answeredIn(load, 1, 1)
  await world.counted(() => ({ least: all(), most: all() }))
  expect(failedIn(load)).toEqual([])
  expect(all()).toBe(load.ledger.length)
}

/** Replaces all processes one after another, as a deployment does. */
export async function survivesRollingRestart({ service, load, start, add, fence, ...world }: World): Promise<void> {
  await start(8)
  load.start(160)
  for (const old of [...service.workers]) {
    await add()
    const { leads } = await old.ask('state')
    const before = (await fence()) ?? 0
    old.isServing = false
    // what is on its way has arrived, and some of it is not answered yet
    const hasArrived = async () => (await old.ask('state')).underWay === load.pendingOf(old).length
    await expect.poll(hasArrived, PATIENCE).toBe(true)
    expect(await old.end('SIGTERM')).toBe(0)
    if (leads) expect(await world.nextLease(before)).toBeLessThan(NEXT_LEADER_MS / 2)
  }
  await service.states(({ weight, step }) => weight === 20 && step === 1)
  expect(service.workers.length).toBe(8)
  const all = () => answeredIn(load, 1, 1)
  await world.counted(() => ({ least: all(), most: all() }))
  expect(load.ledger.filter(({ answer }) => answer === undefined)).toEqual([])
  expect(all()).toBe(load.ledger.length)
}
