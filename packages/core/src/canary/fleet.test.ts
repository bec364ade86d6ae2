import { manualClock } from '@model-canary/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Courier } from '../controller/couriers.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const SECOND = 1_000
const judging = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }

/** Processes that have begun a rollout together. */
async function started(
  count: number,
  options: Parameters<typeof fleetWorld>[1] = {},
  clock = manualClock(),
): Promise<FleetWorld> {
  const world = fleetWorld(count, { ...judging, ...options }, clock)
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

  it.each([
    15 * SECOND,
    SECOND, // no longer than between two checks of the local watch
  ])(
    'find harm while the store is down, each by its own requests, and agree when it is back: looks every %i ms',
    async (intervalMs) => {
      const world = await started(2, { intervalMs })
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
    },
  )

  it('check nothing between looks where the judge does not watch', async () => {
    const { watch, withLevel, ...judge } = evidenceJudge()
    const clock = manualClock()
    const schedule = vi.spyOn(clock, 'schedule')
    await started(2, { judge }, clock)
    expect(schedule.mock.calls.map(([delayMs]) => delayMs)).not.toContain(Number.POSITIVE_INFINITY)
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
    expect(leader!.canary.explain()).toMatch('3 replicas share this rollout: warm in 3, the latest change applied in 3')
    world.replicas[2]!.line = 'hangs'
    await other!.canary.pause()
    await world.serve(1, 6)
    expect(await membersOf(other!)).toMatchObject({ count: 3, upToDate: 2 })
  })

  it('count two long calls of one process once, and promote a canary that is perfect otherwise', async () => {
    const world = await started(2)
    const flights = [1, 2].map(() => longCall(world.replicas[1]!))
    await world.serve(10, 240)
    for (const flight of flights) flight.end({ outcome: 'success' })
    await world.serve(10, 900, () => hasEnded(world))
    expect(world.replicas.map(({ canary }) => canary.status().state)).toEqual(['promoted', 'promoted'])
  })

  it('may all start in the same moment: one epoch, no failure, no alert', async () => {
    const world = fleetWorld(32, judging)
    const alerts: string[] = []
    for (const { canary } of world.replicas)
      canary.on('alert', ({ about, message }) => alerts.push(`${about} ${message}`))
    await Promise.all(world.replicas.map(({ canary }) => canary.start()))
    await world.serve(1, 40)
    const found = world.replicas.map(({ canary }) => canary.status())
    expect(new Set(found.map(({ epoch, step, weight }) => `${epoch} ${step} ${weight}`))).toEqual(new Set(['1 1 10']))
    expect(found.map(({ internalErrors }) => internalErrors)).toEqual(Array(32).fill({}))
    expect(alerts).toEqual([])
  })

  it('deliver the news of a change once, and again under the same id where the leader was killed after it', async () => {
    const delivered: string[] = []
    const world = fleetWorld(3, judging)
    for (const { canary } of world.replicas) {
      const deliver: Courier['deliver'] = async ({ type }, owed) => delivered.push(`${type} ${owed?.id}`) > 0
      canary.deliverTo({ key: 'hook', types: ['step', 'rolled-back'], deliver })
    }
    await Promise.all(world.replicas.map(({ canary }) => canary.start()))
    await world.serve(1, 5)
    expect(delivered).toHaveLength(2) // the warm-up and the first step
    world.replicas[0]!.kill()
    void world.replicas[1]!.canary.rollback()
    await world.serve(1, 15)
    expect(new Set(delivered).size).toBe(4) // and the step back to 0, with the rollback
    expect(delivered.at(-1)).toMatch(/^rolled-back /)
    expect((await world.stored()).outbox).toBeUndefined()
  })

  it('ask a gate once for all of them', async () => {
    let asked = 0
    const world = await started(4, {
      beforePromote: () => {
        asked += 1
        return true
      },
    })
    await world.serve(10, 1_200, () => world.replicas[0]!.canary.status().step === 2)
    expect(asked).toBe(1)
  })

  it('fill an emptied store again, and count on', async () => {
    const world = await started(2)
    await world.serve(5, 30)
    const { state } = await world.stored()
    world.empty()
    await world.serve(5, 30)
    const after = await world.stored()
    expect(after.state).toMatchObject({ epoch: state.epoch, step: state.step, state: 'progressing' })
    expect(after.cumulative!.canary.begun).toBeGreaterThan(0)
    await world.serve(5, 1_200, () => hasEnded(world))
    expect(weightsOf(world)).toEqual([100, 100])
  })

  it('do not forget a rollback in an emptied store', async () => {
    const world = await started(2)
    await world.serve(5, 10)
    await Promise.all([world.replicas[0]!.canary.rollback(), world.clock.advance(0)])
    world.empty()
    await world.serve(0, 20)
    expect((await world.stored()).state).toMatchObject({ state: 'rolled-back' })
    expect(weightsOf(world)).toEqual([0, 0])
  })
})

/** Begins a call of the canary that does not end. */
function longCall({ canary }: Replica) {
  for (;;) {
    const flight = canary.begin()
    if (flight.assignment.variant === 'canary') return flight
    flight.end({ outcome: 'success' })
  }
}
