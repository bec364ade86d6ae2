import { describe, expect, it } from 'vitest'
import type { AlertAbout } from '../rollout/news.js'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const judging = { plan: [10, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }
const next = { versions: { baseline: 'v2', canary: 'v3' } }

/** What the alerts of a process say about a topic. */
function alertsOf({ canary }: Replica, topic: AlertAbout): readonly string[] {
  const found: string[] = []
  canary.on('alert', ({ about, message }) => about === topic && found.push(message))
  return found
}

/** The version that serves everybody in each process, or the state if both do. */
const servedBy = (replicas: readonly Replica[]) =>
  replicas.map(({ canary }) => {
    const { baseline, canary: second } = canary.status().versions
    const { weight } = canary.status().inForce!
    return weight === 0 ? baseline : weight === 100 ? second : `${weight} % ${second}`
  })

/** Waits until another process has the lease, and has heard of everything. */
const settled = ({ clock }: FleetWorld) => clock.advance(8_000)

/** Two processes whose rollout of v2 has begun. */
async function begun(options = {}) {
  const world = fleetWorld(2, { ...judging, ...options })
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await settled(world)
  return world
}

/** Two processes whose rollout has ended, and two of the next release that has begun. */
async function deployed(verb: 'promote' | 'rollback' = 'promote') {
  const world = await begun()
  const old = [...world.replicas]
  await old[0]!.canary[verb]({ ...(verb === 'promote' && { full: true }) })
  await settled(world)
  const alerts = alertsOf(old[1]!, 'config')
  const young = [world.add(next), world.add(next)]
  for (const { canary } of young) await canary.start()
  await settled(world)
  return { world, old, young, alerts }
}

describe('processes of a release that was promoted, once the next release has begun', () => {
  it('go on serving what was promoted, and say so once', async () => {
    const { world, old, young, alerts } = await deployed()
    expect(servedBy(old)).toEqual(['v2', 'v2'])
    expect(servedBy(young)).toEqual(['10 % v3', '10 % v3'])
    await world.serve(5, 60)
    expect(servedBy(old)).toEqual(['v2', 'v2'])
    expect(old[0]!.canary.status()).toMatchObject({ state: 'promoted', epoch: 1, internalErrors: {} })
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatch(/v2 → v3/)
  })

  it('do not judge it: its own processes do', async () => {
    const { world, old, young } = await deployed()
    await world.serve(20, 300, () => young[0]!.canary.status().state === 'promoted')
    expect(servedBy([...old, ...young])).toEqual(['v2', 'v2', 'v3', 'v3'])
    young[0]!.canary.status()
    await world.clock.advance(0)
    expect(world.replicas.filter(({ canary }) => canary.status().members?.leader === 'this process')).toHaveLength(1)
    expect(young.map(({ canary }) => canary.status().internalErrors)).toEqual([{}, {}])
  })

  it('know it again after a restart, and leave the next release as it is', async () => {
    const { world, young } = await deployed()
    const restarted = world.add()
    await restarted.canary.start()
    await settled(world)
    expect(servedBy([restarted, ...young])).toEqual(['v2', '10 % v3', '10 % v3'])
    expect((await world.stored()).versions).toEqual(next.versions)
  })

  it('go on serving it whatever becomes of the next release', async () => {
    const { world, old, young } = await deployed()
    await young[1]!.canary.rollback()
    await settled(world)
    expect(servedBy([...old, ...young])).toEqual(['v2', 'v2', 'v2', 'v2'])
    expect(old[0]!.canary.status().state).toBe('promoted')
  })

  it('go on serving it when the store was emptied, whoever writes into it first', async () => {
    const { world, old, young } = await deployed()
    world.empty()
    await world.clock.advance(20_000)
    expect(servedBy([...old, ...young])).toEqual(['v2', 'v2', '10 % v3', '10 % v3'])
    const restarted = world.add()
    await restarted.canary.start()
    await settled(world)
    expect(servedBy([restarted])).toEqual(['v2'])
  })
})

describe('a release that was rolled back', () => {
  it('stays rolled back when a later release has begun, also after a restart', async () => {
    const { world, old } = await deployed('rollback')
    const restarted = world.add()
    const alerts = alertsOf(restarted, 'not-started')
    await restarted.canary.start()
    await settled(world)
    expect(servedBy([...old, restarted])).toEqual(['v1', 'v1', 'v1'])
    expect(alerts[0]).toMatch(/v2 was rolled back in epoch 1/)
    expect((await world.stored()).versions).toEqual(next.versions)
  })

  it('stays so when the later release was promoted, and begins again only with retry()', async () => {
    const { world, old, young } = await deployed('rollback')
    await expect(old[0]!.canary.retry()).rejects.toMatchObject({ code: 'RELEASE_LIVE' })
    await young[0]!.canary.promote({ full: true })
    await settled(world)
    const restarted = world.add()
    await restarted.canary.start()
    expect(restarted.canary.status()).toMatchObject({ state: 'rolled-back', epoch: 1 })
    await restarted.canary.retry()
    await settled(world)
    expect(servedBy(old)).toEqual(['10 % v2', '10 % v2'])
    expect(old[1]!.canary.status().epoch).toBe(3)
    expect(servedBy(young)).toEqual(['v3', 'v3'])
  })

  it('by a process that could not tell the store before the next release began is one for all', async () => {
    const world = await begun()
    const old = [...world.replicas]
    await old[0]!.canary.promote({ full: true })
    await settled(world)
    old[1]!.line = 'down'
    void old[1]!.canary.rollback()
    const young = world.add(next)
    await young.canary.start()
    await settled(world)
    expect(servedBy([...old, young])).toEqual(['v2', 'v1', '10 % v3'])
    old[1]!.line = 'up'
    await world.clock.advance(5_000)
    expect(servedBy([...old, young])).toEqual(['v1', 'v1', '10 % v3'])
    expect((await world.stored()).state.epoch).toBe(2)
  })
})

describe('a release that begins while another one is live', () => {
  it('is refused with what to do, and begins once the other has ended', async () => {
    const world = await begun()
    const old = [...world.replicas]
    const young = world.add(next)
    await expect(young.canary.start()).rejects.toMatchObject({
      code: 'RELEASE_LIVE',
      message: expect.stringMatching(/v1 → v2.*onNewRelease/),
    })
    await settled(world)
    expect(servedBy([...old, young])).toEqual(['10 % v2', '10 % v2', 'v2'])
    await old[0]!.canary.promote({ full: true })
    await settled(world)
    await young.canary.start()
    await settled(world)
    expect(servedBy([...old, young])).toEqual(['v2', 'v2', '10 % v3'])
  })

  it('takes its place if that was asked for: the other is rolled back for good', async () => {
    const world = await begun()
    const old = [...world.replicas]
    const young = world.add({ ...next, versions: { baseline: 'v1', canary: 'v3' }, onNewRelease: 'supersede' })
    await young.canary.start()
    await settled(world)
    expect(servedBy([...old, young])).toEqual(['v1', 'v1', '10 % v3'])
    expect(old[0]!.canary.status()).toMatchObject({ state: 'rolled-back', reason: expect.stringMatching(/v1 → v3/) })
    const restarted = world.add()
    await restarted.canary.start()
    expect(restarted.canary.status().state).toBe('rolled-back')
  })
})

describe('the kill switch', () => {
  it('is one for all releases of a name, and reaches the latest from a process of an earlier one', async () => {
    const { world, old, young } = await deployed()
    await old[0]!.canary.disable()
    await settled(world)
    expect(servedBy(young)).toEqual(['v2', 'v2'])
    expect((await world.stored()).state).toMatchObject({ epoch: 2, enabled: false })
    await young[0]!.canary.enable()
    await settled(world)
    expect(servedBy([...old, ...young])).toEqual(['v2', 'v2', '10 % v3', '10 % v3'])
  })
})

describe('the target of a release, once the next one has begun', () => {
  it('gets nothing more from its processes, which may still hear of a rollback', async () => {
    const sent: string[] = []
    const targetOf = (whose: string) => ({
      apply: async ({ weight, epoch }: { weight: number; epoch: number }) => {
        sent.push(`${whose}: ${weight} in epoch ${epoch}`)
      },
    })
    const world = fleetWorld(0, judging)
    const old = ['one', 'other'].map((whose) => world.add({ target: targetOf(whose) }))
    await Promise.all(old.map(({ canary }) => canary.start()))
    await settled(world)
    await old[0]!.canary.promote({ full: true })
    await settled(world)
    old[1]!.line = 'down'
    void old[1]!.canary.rollback()
    const young = world.add({ ...next, target: targetOf('next') })
    await young.canary.start()
    await settled(world)
    expect(sent).toContain('other: 0 in epoch 1')
    expect(sent.at(-1)).toBe('next: 10 in epoch 2')
    const before = sent.length
    old[1]!.line = 'up'
    await world.clock.advance(20_000)
    expect(old.map(({ canary }) => canary.status().state)).toEqual(['rolled-back', 'rolled-back'])
    expect(sent.slice(before)).toEqual([])
  })

  it('gets nothing of the kill switch either, which its processes obey', async () => {
    const sent: string[] = []
    const target = { apply: async ({ weight }: { weight: number }) => void sent.push(`old: ${weight}`) }
    const world = fleetWorld(0, judging)
    const old = world.add({ target })
    await old.canary.start()
    await settled(world)
    await old.canary.promote({ full: true })
    const young = world.add({ ...next, target: { apply: async () => {} } })
    await young.canary.start()
    await settled(world)
    const before = sent.length
    const variantNow = () => old.canary.begin().assignment.variant
    expect(variantNow()).toBe('canary')
    await young.canary.disable()
    await settled(world)
    expect(variantNow()).toBe('baseline')
    await young.canary.enable()
    await settled(world)
    expect(variantNow()).toBe('canary')
    expect(sent.slice(before)).toEqual([])
  })
})
