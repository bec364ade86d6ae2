import { describe, expect, it } from 'vitest'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const SECOND = 1_000
const judging = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }

/** Processes that have begun a rollout together. */
async function started(count: number, options: Parameters<typeof fleetWorld>[1] = {}): Promise<FleetWorld> {
  const world = fleetWorld(count, { ...judging, ...options })
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  return world
}

/** How many requests the living and the dead have sent to the canary in a step. */
const sentTo = (replicas: readonly Replica[], stay: string): number =>
  replicas.reduce((sum, { sent }) => sum + (sent.get(stay)?.canary ?? 0), 0)

const weightsOf = ({ replicas }: FleetWorld): readonly number[] =>
  replicas.filter(({ isAlive }) => isAlive).map(({ canary }) => canary.status().weight)

const hasEnded = ({ replicas }: FleetWorld) =>
  replicas.every(({ canary, isAlive }) => !isAlive || ['promoted', 'rolled-back'].includes(canary.status().state))

describe('processes that share a store', () => {
  it('judge the requests of all of them, each once', async () => {
    const world = await started(8)
    await world.serve(5, 29)
    const sent = sentTo(world.replicas, '1/1')
    await world.serve(0, 2)
    const { state, cumulative } = await world.stored()
    expect(state.step).toBe(1)
    expect([cumulative!.canary.begun, state.requests.canary]).toEqual([sent, sent])
  })

  it('are told of decisions alone: a look that only holds changes no head', async () => {
    const world = await started(2)
    const heads: string[] = []
    world.store.follow(({ status, route }) => heads.push(`${status} ${route.weight}`))
    await world.serve(1, 50)
    const { history, state } = await world.stored()
    expect(history.filter(({ action }) => action === 'hold').length).toBeGreaterThan(1)
    expect([state.step, heads]).toEqual([1, []])
  })

  it('promote a good canary together, with one history', async () => {
    const world = await started(4)
    const advances: string[] = []
    for (const { canary } of world.replicas)
      canary.on('decision', ({ action }) => action === 'advance' && advances.push(action))
    await world.serve(10, 1_200, () => hasEnded(world))
    expect(world.replicas.map(({ canary }) => canary.status().state)).toEqual(Array(4).fill('promoted'))
    expect(weightsOf(world)).toEqual([100, 100, 100, 100])
    const { history } = await world.stored()
    expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, at) => at + 1))
    expect(history.filter(({ action }) => action === 'promote')).toHaveLength(1)
    expect(world.replicas.map(({ canary }) => canary.status().internalErrors)).toEqual(Array(4).fill({}))
  })

  it('roll a bad canary back together', async () => {
    const world = await started(4)
    world.fails.canary = 0.2
    await world.serve(10, 600, () => hasEnded(world))
    expect(world.replicas.map(({ canary }) => canary.status().state)).toEqual(Array(4).fill('rolled-back'))
    expect(sentTo(world.replicas, '1/1')).toBeLessThan(200)
  })

  it('serve no canary 0 ms after one of them has rolled back, and one publish later where a process is not told', async () => {
    const world = await started(4)
    await world.serve(5, 5)
    world.replicas[3]!.line = 'deaf'
    void world.replicas[1]!.canary.rollback()
    await world.clock.advance(0)
    expect(weightsOf(world)).toEqual([0, 0, 0, 10])
    await world.clock.advance(SECOND)
    expect(weightsOf(world)).toEqual([0, 0, 0, 0])
  })

  it('go on where the leader was killed, and count what it has published', async () => {
    const world = await started(3)
    await world.serve(5, 20)
    const [leader] = world.replicas
    leader!.kill()
    await world.serve(5, 40)
    const sent = sentTo(world.replicas, '1/1')
    await world.serve(0, 16)
    const { state, cumulative, history } = await world.stored()
    expect(state).toMatchObject({ step: 1, state: 'progressing' })
    expect(sent - cumulative!.canary.begun).toBeLessThanOrEqual(5) // at most a publish interval of the killed one
    expect(history.filter(({ action }) => action !== 'hold').map(({ action }) => action)).toEqual(['start', 'advance'])
  })

  it('have a new leader immediately where the leader was closed, and count all of it', async () => {
    const world = await started(3)
    await world.serve(5, 20)
    const [leader] = world.replicas
    leader!.isAlive = false
    const closed = leader!.canary.close()
    await world.clock.advance(0)
    await closed
    await world.serve(5, 20)
    const sent = sentTo(world.replicas, '1/1')
    await world.serve(0, 16)
    expect((await world.stored()).cumulative!.canary.begun).toBe(sent)
  })

  it('find harm while the store is down, each by its own requests, and agree when it is back', async () => {
    const world = await started(2)
    await world.serve(20, 20)
    for (const replica of world.replicas) replica.line = 'down'
    world.fails.canary = 0.5
    await world.serve(20, 120, () => world.replicas[0]!.canary.status().state === 'rolled-back')
    expect(world.replicas[0]!.canary.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(sentTo([world.replicas[0]!], '1/1')).toBeLessThan(150)
    for (const replica of world.replicas) replica.line = 'up'
    await world.serve(0, 5)
    expect(weightsOf(world)).toEqual([0, 0])
    expect((await world.stored()).state).toMatchObject({ state: 'rolled-back' })
  })

  it('say how many they are, who leads, and how many are warm', async () => {
    const world = await started(3)
    const [leader, other] = world.replicas
    await world.serve(1, 6)
    const shown = { count: 3, warm: 3, upToDate: 3 }
    const membersOf = async ({ canary }: Replica) => {
      canary.status() // asks in the background
      await world.clock.advance(0)
      return canary.status().members
    }
    expect(await membersOf(leader!)).toEqual({ ...shown, leader: 'this process' })
    expect(await membersOf(other!)).toEqual({ ...shown, leader: expect.stringMatching(/^\w+$/) })
    expect(leader!.canary.explain()).toMatch(
      '3 processes share this rollout: warm in 3, the latest change applied in 3',
    )
    world.replicas[2]!.line = 'hangs'
    await other!.canary.pause()
    await world.serve(1, 6)
    expect(await membersOf(other!)).toMatchObject({ count: 3, upToDate: 2 })
  })
})
