import { expect, it } from 'vitest'
import type { CanaryEvents } from '../runtime/events.js'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const judging = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }

/** What a process has said of the leader. */
function leadersOf({ canary }: Replica): CanaryEvents['leader'][] {
  const heard: CanaryEvents['leader'][] = []
  canary.on('leader', (event) => heard.push(event))
  return heard
}

/** Processes that have begun a rollout together, and what each has said of the leader. */
async function started(
  count: number,
): Promise<{ readonly world: FleetWorld; readonly heard: CanaryEvents['leader'][][] }> {
  const world = fleetWorld(count, judging)
  const heard = world.replicas.map(leadersOf)
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  return { world, heard }
}

const instanceOf = ({ canary }: Replica): string => canary.status().instance

it('is told by the process that begins to judge, once, with its id and the number of its lease', async () => {
  const { world, heard } = await started(3)
  await world.clock.advance(60_000)
  const [leader] = world.replicas
  expect(heard).toEqual([[{ at: expect.any(Number), isLeader: true, fence: 1, holder: instanceOf(leader!) }], [], []])
})

it('is told by both where a process takes over from one that was cut off, each with what it knows', async () => {
  const { world, heard } = await started(2)
  const [first, second] = world.replicas
  first!.line = 'hangs'
  const cutAt = world.clock.now()
  await world.clock.advance(20_000)
  expect(heard[0]![1]).toEqual({ at: expect.any(Number), isLeader: false, fence: 1, holder: null })
  expect(heard[1]).toEqual([{ at: expect.any(Number), isLeader: true, fence: 2, holder: instanceOf(second!) }])
  expect(heard[0]![1]!.at - cutAt).toBeLessThanOrEqual(8_000) // before the lease runs out in the store
  expect(heard[1]![0]!.at).toBeGreaterThan(heard[0]![1]!.at)
})

it('is told where the store has given the lease to another process, whose id is known then', async () => {
  const { world, heard } = await started(1)
  const lease = world.store.fleet!.lease
  const { signal } = new AbortController()
  await lease({ id: world.replicas[0]!.id!, release: true }, signal)
  await lease({ id: 'another', ttlMs: 10_000, leastFence: 0 }, signal)
  await world.clock.advance(4_000)
  expect(heard[0]!.slice(1)).toEqual([{ at: expect.any(Number), isLeader: false, fence: 1, holder: 'another' }])
})

it('is told by a process that closes', async () => {
  const { world, heard } = await started(1)
  const closed = world.replicas[0]!.canary.close()
  await world.clock.advance(0)
  await closed
  expect(heard[0]!.map(({ isLeader }) => isLeader)).toEqual([true, false])
})

it('names each process by another id, which stays', async () => {
  const { world } = await started(2)
  const ids = world.replicas.map(instanceOf)
  expect(new Set(ids).size).toBe(2)
  expect(ids).toEqual(world.replicas.map(({ id }) => id))
  await world.clock.advance(60_000)
  expect(world.replicas.map(instanceOf)).toEqual(ids)
})
