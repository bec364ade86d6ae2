import { describe, expect, it } from 'vitest'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const ISOLATED_MS = 20_000

/** Three processes at 50 percent, and what the first one sent to its canary in 200 calls. */
async function started(onIsolation?: object) {
  const judging = { plan: [50, 100], warmUp: { durationMs: 0 } }
  const world = fleetWorld(3, { ...judging, ...(onIsolation && { onIsolation }) })
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.serve(1, 3)
  const alone = world.replicas[0]!
  const alerts: string[] = []
  alone.canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  return { world, alone, alerts }
}

/** Sends 200 calls to each process, and returns how many of them the canary of one answered. */
async function canaryCalls(world: FleetWorld, { sent }: Replica): Promise<number> {
  const inCanary = (): number => [...sent.values()].reduce((sum, { canary }) => sum + canary, 0)
  const before = inCanary()
  await world.serve(200, 1)
  return inCanary() - before
}

describe('a process that the store does not answer', () => {
  it('serves no canary from the given time on, says so once, and takes its share again when the store answers', async () => {
    const { world, alone, alerts } = await started({ afterMs: ISOLATED_MS, action: 'baseline' })
    alone.line = 'hangs'
    await world.serve(1, ISOLATED_MS / 1_000 - 4)
    expect(await canaryCalls(world, alone)).toBeGreaterThan(50)
    await world.serve(1, 8)
    expect(await canaryCalls(world, alone)).toBe(0)
    expect(await canaryCalls(world, world.replicas[1]!)).toBeGreaterThan(50)
    expect(world.replicas.map(({ canary }) => canary.status().inForce?.weight)).toEqual([0, 50, 50])
    await world.serve(1, 30)
    expect(alerts.filter((alert) => alert.includes('serves the baseline'))).toHaveLength(1)
    alone.line = 'up'
    await world.serve(1, 3)
    expect(await canaryCalls(world, alone)).toBeGreaterThan(50)
  })

  it('stays at the baseline if another one has rolled back meanwhile', async () => {
    const { world, alone } = await started({ afterMs: ISOLATED_MS, action: 'baseline' })
    alone.line = 'hangs'
    await world.replicas[1]!.canary.rollback()
    await world.serve(1, ISOLATED_MS / 1_000 + 4)
    expect(await canaryCalls(world, alone)).toBe(0)
    alone.line = 'up'
    await world.serve(1, 3)
    expect(alone.canary.status()).toMatchObject({ state: 'rolled-back', weight: 0 })
    expect(await canaryCalls(world, alone)).toBe(0)
  })

  it.each([undefined, { action: 'keep' }])('keeps its share by default', async (onIsolation) => {
    const { world, alone } = await started(onIsolation)
    alone.line = 'hangs'
    await world.serve(1, 330)
    expect(await canaryCalls(world, alone)).toBeGreaterThan(50)
  })

  it.each([
    [{ action: 'stop' }, 'onIsolation.action'],
    [{ afterMs: 0 }, 'onIsolation.afterMs'],
    [{ after: 1 }, 'onIsolation'],
    ['baseline', 'onIsolation'],
  ])('refuses %o', (onIsolation, name) => {
    expect(() => fleetWorld(1, { onIsolation } as object)).toThrow(name)
  })
})
