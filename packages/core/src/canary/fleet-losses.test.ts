import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'
import { lossyFleetStore } from './lossy-fleet.fixture.js'

describe('a store that lost a part of what it held', () => {
  /** Three processes that have begun a rollout together, over a store that loses data. */
  async function started() {
    const clock = manualClock()
    const store = lossyFleetStore(clock)
    const options = { store, plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }
    const world = fleetWorld(3, options, clock)
    await Promise.all(world.replicas.map(({ canary }) => canary.start()))
    await clock.advance(0)
    return { world, store }
  }
  const sentIn = ({ replicas }: FleetWorld): number =>
    replicas.reduce((sum, { sent }) => sum + (sent.get('1/1')?.baseline ?? 0), 0)
  const leave = (world: FleetWorld, { canary }: Replica) => {
    world.replicas[0]!.isAlive = false
    return canary.close()
  }

  it('counts each request once if the body was lost after a pause had stored the counts with the head', async () => {
    const { world, store } = await started()
    await world.serve(6, 16)
    await world.replicas[2]!.canary.pause()
    store.loseBody()
    const left = leave(world, world.replicas[0]!)
    await world.serve(6, 20)
    await left
    await world.serve(0, 31)
    expect((await world.stored()).state.requests.baseline).toBe(sentIn(world))
  })

  it('counts no time in step that nothing watched if the body was lost while no process led', async () => {
    const { world, store } = await started()
    await world.serve(6, 40)
    await world.replicas[1]!.canary.promote()
    const leader = world.replicas.find(({ id }) => id === store.leader)!
    leader.kill()
    await world.serve(0, 7) // the others have just read the store
    store.loseBody()
    await world.serve(0, 23)
    const times = world.replicas.filter(({ isAlive }) => isAlive).map(({ canary }) => canary.status().elapsedInStepMs)
    expect(Math.max(...times)).toBeLessThan(30_000)
  })

  it('counts each request once if the reports were lost, and one process reports later than the others', async () => {
    const { world, store } = await started()
    await world.serve(6, 16)
    const left = leave(world, world.replicas[0]!)
    await world.clock.advance(0)
    await left
    world.replicas[2]!.line = 'hangs'
    store.loseReports()
    await world.serve(0, 8)
    world.replicas[2]!.line = 'up'
    await world.serve(0, 31)
    expect((await world.stored()).state.requests.baseline).toBeLessThanOrEqual(sentIn(world))
  })
})
