import { describe, expect, it } from 'vitest'
import type { WarmUpOptions } from './canary-options.js'
import { fleetWorld, type Replica } from './fleet.fixture.js'

const judging = { plan: [10, 100], bake: { durationMs: 0 } }

const warmUp = (run: () => void): WarmUpOptions => ({ durationMs: 0, run })
const sick = warmUp(() => {
  throw new Error('no memory left')
})

/** Processes that begin a rollout together; of the sick ones, the warm-up fails. */
async function started(sickOnes: number, count: number) {
  const world = fleetWorld(0, judging)
  for (let made = 0; made < count; made += 1) world.add({ warmUp: made < sickOnes ? sick : warmUp(() => {}) })
  const alerts = world.replicas.map(({ canary }) => {
    const found: string[] = []
    canary.on('alert', ({ about, message }) => about === 'warm-up' && found.push(message))
    return found
  })
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  return { world, alerts }
}

const statesOf = (replicas: readonly Replica[]) => replicas.map(({ canary }) => canary.status().state)
const haveEnded = (replicas: readonly Replica[]) => () =>
  statesOf(replicas).every((state) => state === 'promoted' || state === 'rolled-back')

describe('a warm-up that fails', () => {
  it('in one of 8 processes keeps that one on the baseline, and the other 7 promote', async () => {
    const { world, alerts } = await started(1, 8)
    await world.serve(10, 900, haveEnded(world.replicas))
    expect(statesOf(world.replicas)).toEqual(Array(8).fill('promoted'))
    const [ill, well] = world.replicas
    expect([...ill!.sent.values()].every(({ canary }) => canary === 0)).toBe(true)
    expect([...well!.sent.values()].some(({ canary }) => canary > 0)).toBe(true)
    expect(alerts.map(({ length }) => length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
  })

  it('in all processes rolls back', async () => {
    const { world } = await started(8, 8)
    await world.serve(10, 60, haveEnded(world.replicas))
    const { state, history } = await world.stored()
    expect(state).toMatchObject({ state: 'rolled-back', reason: expect.stringMatching(/failed in 8 of 8 processes/) })
    expect(history.at(-1)).toMatchObject({ actor: 'warm-up', action: 'rollback' })
  })

  it('in the only process rolls back', async () => {
    const { world } = await started(1, 1)
    await world.serve(10, 60, haveEnded(world.replicas))
    expect((await world.stored()).state).toMatchObject({ state: 'rolled-back', weight: 0 })
  })

  it('in a process that starts later leaves the rollout as it is', async () => {
    const { world } = await started(0, 2)
    await world.serve(5, 20)
    const late = world.add({ warmUp: sick })
    await late.canary.start()
    await world.serve(5, 40)
    expect(statesOf(world.replicas)).toEqual(Array(3).fill('progressing'))
    expect(world.replicas.map(({ canary }) => canary.status().inForce?.weight)).toEqual([10, 10, 0])
    expect(late.canary.explain()).toContain('10 % is decided and 0 % is in force: the change is being applied, or the')
    expect([...late.sent.values()].every(({ canary }) => canary === 0)).toBe(true)
  })

  it('in most of those that came later rolls back', async () => {
    const { world } = await started(0, 2)
    await world.serve(5, 20)
    for (let made = 0; made < 2; made += 1) await world.add({ warmUp: sick }).canary.start()
    await world.serve(5, 20)
    expect((await world.stored()).state).toMatchObject({ state: 'rolled-back' })
  })

  it('is repeated in the next epoch', async () => {
    let tries = 0
    const world = fleetWorld(0, judging)
    const { canary } = world.add({
      warmUp: warmUp(() => {
        tries += 1
        if (tries === 1) throw new Error('no memory left')
      }),
    })
    await canary.start()
    await world.serve(10, 60, () => canary.status().state === 'rolled-back')
    expect([tries, canary.status().state]).toEqual([1, 'rolled-back'])
    await canary.retry()
    await world.serve(10, 1)
    expect([tries, canary.status().weight]).toEqual([2, 10])
  })
})
