import { manualClock } from '@model-canary/testing'
import { expect, it } from 'vitest'
import { memoryStore } from '../controller/memory-store.js'
import { createCanary } from './create-canary.js'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const SECOND = 1_000
const judging = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }

/** Processes at 10 percent. */
async function started(count: number, options = {}): Promise<FleetWorld> {
  const world = fleetWorld(count, { ...judging, ...options })
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.serve(1, 3)
  return world
}

/** Waits for the answer of `reached` while the clock runs, and returns it with how long it took. */
async function reachedFrom({ clock }: FleetWorld, { canary }: Replica) {
  const beganAt = clock.now()
  let tookMs = Number.NaN
  const answer = canary.reached().finally(() => {
    tookMs = clock.now() - beganAt
  })
  await clock.advance(5 * SECOND)
  return { ...(await answer), tookMs }
}

const weightsOf = ({ replicas }: FleetWorld) => replicas.map(({ canary }) => canary.status().weight)

it.each(['rollback', 'disable', 'promote', 'pause'] as const)(
  'answers after %s that all processes apply it, as soon as they do',
  async (verb) => {
    const world = await started(4)
    await world.replicas[1]!.canary[verb]()
    const { reached, of, tookMs } = await reachedFrom(world, world.replicas[1]!)
    expect([reached, of]).toEqual([4, 4])
    expect(tookMs).toBeLessThan(SECOND / 10)
  },
)

it('answers that a rollback reached all only when no process serves the canary', async () => {
  const world = await started(4)
  world.replicas[3]!.line = 'deaf' // it hears of the rollback with its next report
  await world.replicas[0]!.canary.rollback()
  const weights: unknown[] = []
  const answer = world.replicas[0]!.canary.reached().then((told) => weights.push(weightsOf(world), told))
  expect(weightsOf(world)).toEqual([0, 0, 0, 10])
  await world.clock.advance(5 * SECOND)
  await answer
  expect(weights).toEqual([[0, 0, 0, 0], { reached: 4, of: 4 }])
})

it('waits 1,250 ms for a process that does not answer, and then says that it is not known to follow', async () => {
  const world = await started(3)
  world.replicas[2]!.line = 'hangs'
  await world.replicas[0]!.canary.rollback()
  expect(await reachedFrom(world, world.replicas[0]!)).toEqual({ reached: 2, of: 3, tookMs: 1_250 })
})

it('counts only this process while the store is down, of those that it knew', async () => {
  const world = await started(3)
  await reachedFrom(world, world.replicas[0]!)
  world.replicas[0]!.line = 'down'
  void world.replicas[0]!.canary.rollback()
  expect(await reachedFrom(world, world.replicas[0]!)).toEqual({ reached: 1, of: 3, tookMs: 1_250 })
})

it('does not say of how many where a store has never answered', async () => {
  const world = fleetWorld(1, judging)
  world.replicas[0]!.line = 'hangs'
  expect(await reachedFrom(world, world.replicas[0]!)).toEqual({ reached: 1, of: null, tookMs: 1_250 })
})

it('answers at once where nothing is shared, and no longer waits once it is closed', async () => {
  const shared = { name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, clock: manualClock() } as const
  expect(await createCanary(shared).reached()).toEqual({ reached: 1, of: 1 })
  const custom = { ...memoryStore() } // who else has it is not known
  expect(await createCanary({ ...shared, store: custom }).reached()).toEqual({ reached: 1, of: null })
  const world = await started(2)
  world.replicas[1]!.line = 'hangs'
  const { canary } = world.replicas[0]!
  await canary.pause()
  const answer = canary.reached()
  const closed = canary.close()
  await world.clock.advance(0)
  await closed
  expect(await answer).toEqual({ reached: 1, of: 2 })
})

it('does not wait for a process that was closed, but a minute for one that was killed', async () => {
  const world = await started(4)
  const [one, closed, killed] = world.replicas
  closed!.isAlive = false
  killed!.kill()
  await Promise.all([closed!.canary.close(), world.serve(1, 30)])
  expect(await reachedFrom(world, one!)).toMatchObject({ reached: 3, of: 3 })
  await one!.canary.pause()
  expect(await reachedFrom(world, one!)).toMatchObject({ reached: 2, of: 3 })
  await world.serve(1, 31)
  expect(await reachedFrom(world, one!)).toMatchObject({ reached: 2, of: 2 })
})
