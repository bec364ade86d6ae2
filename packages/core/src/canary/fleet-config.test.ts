import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import type { AlertAbout } from '../rollout/news.js'
import type { Head } from '../rollout/records.js'
import type { CanaryOptions } from './canary-options.js'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const judging = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }

/** What the alerts of a process say about a topic. */
function alertsOf({ canary }: Replica, topic: AlertAbout): readonly string[] {
  const found: string[] = []
  canary.on('alert', ({ about, message }) => about === topic && found.push(message))
  return found
}

/** Two processes that have begun a rollout, and a third one with other options that joins them later. */
async function joined(others: Partial<CanaryOptions>, options: Partial<CanaryOptions> = {}) {
  const world = fleetWorld(2, { ...judging, ...options })
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  await world.serve(5, 5)
  const stranger = world.add({ ...judging, ...others })
  const alerts = alertsOf(stranger, 'config')
  await stranger.canary.start()
  await world.clock.advance(0)
  return { world, stranger, alerts }
}

const shareOf = ({ canary }: Replica): number => canary.status().inForce!.weight

/** Returns which process leads, as one of them says. */
async function leaderAsOf({ clock }: FleetWorld, { canary }: Replica): Promise<string | null | undefined> {
  canary.status() // asks in the background
  await clock.advance(0)
  return canary.status().members?.leader
}

const atStep = (world: FleetWorld, step: number) => () => world.replicas[0]!.canary.status().step === step

describe('a process with another plan than the rollout under way', () => {
  const other = { plan: [5, 20, 40, 100] }

  it('follows its share, and says once what to do', async () => {
    const { world, stranger, alerts } = await joined(other)
    expect([shareOf(stranger), stranger.canary.status().state]).toEqual([10, 'progressing'])
    await world.serve(10, 400, atStep(world, 2))
    await world.clock.advance(0)
    expect(stranger.canary.status()).toMatchObject({ step: 2, weight: 50, epoch: 1 })
    expect(shareOf(stranger)).toBe(50)
    expect(stranger.canary.status().steps.map(({ weight }) => weight)).toEqual([10, 50, 100])
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatch(/another plan.*onNewConfig/)
    expect(stranger.canary.status().internalErrors).toEqual({})
  })

  it('has its requests counted, and does not lead when the others are gone', async () => {
    const { world, stranger } = await joined(other)
    await world.serve(5, 20)
    await world.serve(0, 16)
    const sent = world.replicas.reduce((sum, { sent }) => sum + (sent.get('1/1')?.canary ?? 0), 0)
    expect((await world.stored()).cumulative!.canary.begun).toBe(sent)
    for (const replica of world.replicas) if (replica !== stranger) replica.kill()
    await world.serve(20, 30)
    expect(await leaderAsOf(world, stranger)).not.toBe('this process')
    expect(stranger.canary.status()).toMatchObject({ step: 1, weight: 10 })
  })

  it('refuses to raise the share, and lowers it', async () => {
    const { world, stranger, alerts } = await joined(other)
    for (const verb of ['promote', 'resume', 'enable'] as const)
      await expect(stranger.canary[verb]()).rejects.toMatchObject({ code: 'OTHER_CONFIG' })
    await stranger.canary.disable()
    await world.clock.advance(0)
    expect(world.replicas.map(shareOf)).toEqual([0, 0, 0])
    await world.replicas[0]!.canary.enable()
    await world.clock.advance(0)
    expect((await world.stored()).weights).toEqual([10, 50, 100])
    await stranger.canary.rollback()
    await world.clock.advance(0)
    expect(world.replicas.map(({ canary }) => canary.status().state)).toEqual(Array(3).fill('rolled-back'))
    await stranger.canary.retry()
    await world.clock.advance(0)
    expect((await world.stored()).weights).toEqual([5, 20, 40, 100])
    await world.serve(1, 20)
    expect(await leaderAsOf(world, stranger)).toBe('this process')
    expect(world.replicas.map(shareOf)).toEqual([5, 5, 5])
    expect(alerts).toHaveLength(1)
  })
})

describe('processes with two margins', () => {
  const options = { judge: evidenceJudge() }

  it('promote as fast as processes with one, judged by the margin with which the rollout was started', async () => {
    const secondsWith = async (margin: number) => {
      const { world } = await joined({ ...options, guardrails: [errorRate({ margin })] }, options)
      const hasEnded = () => world.replicas.every(({ canary }) => canary.status().state === 'promoted')
      const from = world.clock.now()
      await world.serve(10, 1_200, hasEnded)
      expect(hasEnded()).toBe(true)
      return (world.clock.now() - from) / 1_000
    }
    expect(await secondsWith(0.03)).toBe(await secondsWith(0.02))
  })
})

describe('a newer deployment, once no process has the options of the rollout', () => {
  /** The rollout after the only process that has its options was killed. */
  async function left(others: Partial<CanaryOptions>) {
    const { world, stranger } = await joined(others)
    for (const replica of world.replicas) if (replica !== stranger) replica.kill()
    await world.serve(5, 28)
    const before = await world.stored()
    await world.serve(5, 60)
    return { world, stranger, before, after: await world.stored() }
  }

  it('follows by default', async () => {
    const { before, after } = await left({ plan: [10, 60, 100] })
    expect(after.config).toBe(before.config)
    expect(after.state).toMatchObject({ step: 1, weight: 10 })
  })

  it('goes on at the same share with its own plan and fresh evidence, if that was asked for', async () => {
    const { world, stranger, before, after } = await left({ plan: [10, 60, 100], onNewConfig: 'supersede' })
    expect(after.config).not.toBe(before.config)
    expect(after.weights).toEqual([10, 60, 100])
    expect(after.state.visit).toBeGreaterThan(before.state.visit)
    expect(after.history.find(({ action }) => action === 'supersede')).toMatchObject({
      actor: 'new-config',
      weight: 10,
    })
    await world.serve(20, 900, () => stranger.canary.status().state === 'promoted')
    const { history } = await world.stored()
    expect(history.filter(({ action }) => action === 'advance').map(({ now }) => now.weight)).toEqual([10, 60])
    expect(stranger.canary.status()).toMatchObject({ state: 'promoted', internalErrors: {} })
  })

  it('is paused where its plan has no such share, and says why', async () => {
    const { world, stranger, after } = await left({ plan: [5, 20, 100], onNewConfig: 'supersede' })
    expect(after.state).toMatchObject({ state: 'paused', weight: 10, step: 1 })
    expect(after.history.at(-1)!.now.weight).toBe(10)
    expect(after.history.find(({ action }) => action === 'supersede')!.reason).toMatch(/no step with 10 %/)
    await stranger.canary.resume()
    await world.serve(20, 400, () => stranger.canary.status().weight === 20)
    expect(stranger.canary.status()).toMatchObject({ weight: 20, step: 2 })
  })

  it('waits while a process with the options of the rollout lives', async () => {
    const { world } = await joined({ plan: [10, 60, 100], onNewConfig: 'supersede' })
    await world.serve(1, 100)
    expect((await world.stored()).history.map(({ action }) => action)).not.toContain('supersede')
  })
})

describe('a head of a newer release', () => {
  it('leaves the split of a running process as it was, with an alert, and refuses a start', async () => {
    const world = fleetWorld(2, judging)
    await Promise.all(world.replicas.map(({ canary }) => canary.start()))
    await world.serve(5, 5)
    const alerts = alertsOf(world.replicas[0]!, 'store')
    const { head } = (await world.store.load(new AbortController().signal))!
    const newer = { ...head, schema: 2 as 1, rev: head.rev + 5, tag: 'newer.1', route: { ...head.route, weight: 70 } }
    await world.store.write({ expect: head.tag, head: newer }, new AbortController().signal)
    const late = world.add()
    await expect(late.canary.start()).rejects.toMatchObject({ code: 'INVALID_STATE' })
    await world.serve(5, 40)
    expect(world.replicas.map(shareOf)).toEqual([10, 10, 0])
    expect(alerts[0]).toMatch(/a newer release stored it/)
    expect(world.replicas[0]!.canary.explain()).toMatch(/^The store cannot be read \(INVALID_STATE\)/)
    expect((await world.store.load(new AbortController().signal))!.head.tag).toBe('newer.1')
  })

  it.each([
    ['a rollback', (head: Head) => ({ status: 'rolled-back' as const, route: { ...head.route, weight: 0 } })],
    ['the kill switch', ({ switch: { n } }: Head) => ({ switch: { on: false, n: n + 1 } })],
  ])('takes the canary away by %s within two seconds', async (_, change) => {
    const world = fleetWorld(2, judging)
    await Promise.all(world.replicas.map(({ canary }) => canary.start()))
    await world.serve(5, 5)
    const { head } = (await world.store.load(new AbortController().signal))!
    const newer = { ...head, ...change(head), schema: 2 as 1, rev: head.rev + 1, tag: 'newer.1' }
    await world.store.write({ expect: head.tag, head: newer }, new AbortController().signal)
    await world.serve(5, 2)
    expect(world.replicas.map(shareOf)).toEqual([0, 0])
    await world.serve(5, 60)
    expect(world.replicas.map(shareOf)).toEqual([0, 0])
    expect((await world.store.load(new AbortController().signal))!.head).toEqual(newer)
  })

  it('does not take the canary away by the rollback of another pair of versions', async () => {
    const world = fleetWorld(2, judging)
    await Promise.all(world.replicas.map(({ canary }) => canary.start()))
    await world.serve(5, 5)
    const { head } = (await world.store.load(new AbortController().signal))!
    const versions = { baseline: 'v2', canary: 'v3' }
    const route = { ...head.route, epoch: head.route.epoch + 1, weight: 0 }
    const newer = {
      ...head,
      ...{ versions, route },
      status: 'rolled-back' as const,
      schema: 2 as 1,
      rev: 99,
      tag: 'newer.1',
    }
    await world.store.write({ expect: head.tag, head: newer }, new AbortController().signal)
    await world.serve(5, 20)
    expect(world.replicas.map(shareOf)).toEqual([10, 10])
  })
})
