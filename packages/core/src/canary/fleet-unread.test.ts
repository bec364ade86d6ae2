import { describe, expect, it } from 'vitest'
import { fleetWorld, type Replica } from './fleet.fixture.js'

/** Two processes at 50 percent. The second one does not lead, and its reads of the stored rollout fail or hang. */
async function withoutReads(reads: Replica['reads'], line: Replica['line'] = 'up') {
  const world = fleetWorld(2, { plan: [50, 100], warmUp: { durationMs: 0 } })
  const [leader, other] = world.replicas as [Replica, Replica]
  await leader.canary.start()
  await other.canary.start()
  await world.serve(1, 3)
  const alerts: string[] = []
  other.canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message}`))
  Object.assign(other, { reads, line })
  return { world, leader, other, alerts }
}

describe.each(['down', 'hangs'] as const)('a process that hears of a write and whose reads are %s', (reads) => {
  it.each([
    ['rollback', 'up', { state: 'rolled-back', weight: 0 }],
    ['rollback', 'deaf', { state: 'rolled-back', weight: 0 }],
    ['disable', 'up', { state: 'progressing', enabled: false }],
    ['disable', 'deaf', { state: 'progressing', enabled: false }],
  ] as const)('follows %s within two seconds if its line is %s', async (verb, line, expected) => {
    const { world, leader, other } = await withoutReads(reads, line)
    await leader.canary[verb]()
    await world.serve(1, 2)
    expect(other.canary.status()).toMatchObject(expected)
    expect(other.canary.begin().assignment.variant).toBe('baseline')
  })

  it('says that it cannot read the store, once, and until it can', async () => {
    const { world, leader, other, alerts } = await withoutReads(reads)
    await leader.canary.promote()
    await world.serve(1, 60)
    expect(other.canary.status()).toMatchObject({ weight: 50, heldBy: { by: 'store', code: 'STORE_FAILED' } })
    for (let second = 0; second < 20; second += 1) {
      await world.serve(1, 1)
      expect(other.canary.status().heldBy).not.toBeNull()
    }
    expect(alerts.filter((alert) => alert.startsWith('store'))).toHaveLength(1)
    other.reads = 'up'
    await world.serve(1, 20)
    expect(other.canary.status()).toMatchObject({ weight: leader.canary.status().weight, heldBy: null })
  })

  it('reads the rest when it can, and then knows all that was decided', async () => {
    const { world, leader, other } = await withoutReads(reads)
    await leader.canary.rollback({ reason: 'it is slow', actor: 'ada' })
    await world.serve(1, 5)
    expect(other.canary.status().reason).toContain('it is slow')
    other.reads = 'up'
    await world.serve(1, 20)
    expect(other.canary.status()).toMatchObject({ heldBy: null, lastDecision: { actor: 'ada' } })
    expect((await world.stored()).state).toMatchObject({ state: 'rolled-back' })
  })
})
