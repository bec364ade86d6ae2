import { describe, expect, it } from 'vitest'
import type { Point } from '../rollout/point.js'
import { MOST_PACKED } from '../rollout/thin-spans.js'
import type { Canary } from './canary.js'
import { type FleetWorld, fleetWorld, type Replica } from './fleet.fixture.js'

const MINUTE = 60_000

const manual = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 }, mode: 'observe' } as const

async function started(count: number): Promise<FleetWorld> {
  const world = fleetWorld(count, manual)
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(2_000)
  return world
}

/** Returns the points as a process shows them, which may have to read the store. */
async function pointsOf({ clock }: FleetWorld, canary: Canary): Promise<readonly Point[]> {
  const points = canary.points()
  await Promise.allSettled([points, clock.advance(0)])
  return points
}

/** What all processes have sent to both arms. */
const sentIn = ({ replicas }: FleetWorld): number =>
  replicas
    .flatMap(({ sent }) => [...sent.values()])
    .reduce((total, { baseline, canary }) => total + baseline + canary, 0)

const servedIn = (points: readonly Point[]): number =>
  points.reduce((total, { baseline, canary }) => total + baseline.requests + canary.requests, 0)

const isLeader = ({ canary }: Replica): boolean => canary.status().members?.leader === 'this process'

/** Returns the process that leads, and one that does not. */
function roles({ replicas }: FleetWorld): readonly [leader: Replica, follower: Replica] {
  const living = replicas.filter(({ isAlive }) => isAlive)
  return [living.find(isLeader)!, living.find((replica) => !isLeader(replica))!]
}

function expectInOrder(points: readonly Point[]): void {
  for (const [at, { from, to }] of points.entries()) {
    expect(to).toBeGreaterThan(from)
    if (at > 0) expect(from).toBe(points[at - 1]!.to)
  }
}

describe('the points of several processes', () => {
  it('are what all of them have served, in every stay, and the same in each', async () => {
    const world = await started(3)
    await world.serve(5, 150)
    await world.replicas[1]!.canary.promote()
    await world.serve(5, 40)
    await world.replicas[2]!.canary.rollback()
    await world.serve(5, 100)
    await world.clock.advance(2 * MINUTE)
    const [leader, follower] = roles(world)
    const points = await pointsOf(world, leader.canary)
    expect(servedIn(points)).toBe(sentIn(world))
    expectInOrder(points)
    const places = points.map(({ epoch, step, weight }) => `${epoch} ${step} ${weight}`)
    expect([...new Set(places)]).toEqual(['1 1 10', '1 2 50', '1 2 0'])
    const others = await pointsOf(world, follower.canary)
    expect(points.slice(0, others.length)).toEqual(others)
    expect(servedIn(others)).toBe(sentIn(world))
  })

  it('outlive the leader, and lose nothing', async () => {
    const world = await started(3)
    await world.serve(5, 200)
    const [leader] = roles(world)
    leader.kill()
    await world.serve(5, 200)
    await world.clock.advance(2 * MINUTE)
    const [next] = roles(world)
    const points = await pointsOf(world, next.canary)
    expectInOrder(points)
    expect(sentIn(world) - servedIn(points)).toBeLessThanOrEqual(5 * 15) // what the killed one had not reported
    expect(sentIn(world) - servedIn(points)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...points.map(({ from, to }) => to - from))).toBeLessThan(3 * MINUTE)
  })

  it('go on where a leader left a stay that had just ended', async () => {
    const world = await started(3)
    await world.serve(5, 90)
    const [leader] = roles(world)
    await leader.canary.promote()
    await world.serve(5, 3)
    await leader.canary.close()
    leader.isAlive = false
    await world.serve(5, 60)
    await world.clock.advance(2 * MINUTE)
    const [next] = roles(world)
    const points = await pointsOf(world, next.canary)
    expect(servedIn(points)).toBe(sentIn(world))
    expectInOrder(points)
  })

  it('wait for a process that reports the end of a stay late', async () => {
    const world = await started(2)
    await world.serve(5, 53)
    const [leader, follower] = roles(world)
    follower.line = 'down'
    await world.serve(5, 2)
    const promoted = leader.canary.promote()
    await Promise.all([promoted, world.serve(5, 5)]) // a span ends meanwhile
    follower.line = 'up'
    await world.serve(5, 30)
    await world.clock.advance(3 * MINUTE)
    expect(servedIn(await pointsOf(world, leader.canary))).toBe(sentIn(world))
  })

  it('are read from the store at most every 5 s, and only when somebody looks', async () => {
    const world = await started(2)
    const { points } = world.store
    let [reads, writes, longest] = [0, 0, 0]
    const { load, keep } = { ...points! }
    Object.assign(points!, {
      load(signal: AbortSignal) {
        reads += 1
        return load(signal)
      },
      keep: (...[text, ...rest]: Parameters<typeof keep>) => {
        writes += 1
        longest = Math.max(longest, text.length)
        return keep(text, ...rest)
      },
    })
    await world.serve(5, 600)
    expect(reads).toBeLessThanOrEqual(1) // the leader, once
    expect(writes).toBeLessThanOrEqual(10)
    expect(writes).toBeGreaterThanOrEqual(9)
    expect(longest).toBeLessThan(MOST_PACKED)
    const [, follower] = roles(world)
    reads = 0
    for (let second = 0; second < 20; second += 1) {
      for (let viewer = 0; viewer < 10; viewer += 1) await pointsOf(world, follower.canary)
      await world.clock.advance(1_000)
    }
    expect(reads).toBe(4)
  })

  it('are those of the leader while the store is down, and hold nothing', async () => {
    const world = await started(2)
    await world.serve(5, 130)
    const [leader, follower] = roles(world)
    follower.line = 'down'
    await expect(pointsOf(world, follower.canary)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await world.serve(5, 130)
    expect(servedIn(await pointsOf(world, leader.canary))).toBeGreaterThan(0)
  })

  it('outlive a release: the next one goes on with them', async () => {
    const world = await started(2)
    await world.serve(5, 90)
    await world.replicas[0]!.canary.promote({ full: true })
    await world.serve(5, 90)
    const before = sentIn(world)
    await Promise.all(world.replicas.map(({ canary }) => canary.close()))
    for (const replica of world.replicas) replica.isAlive = false
    const next = world.add({ versions: { baseline: 'v2', canary: 'v3' } })
    await next.canary.start()
    await world.serve(5, 90)
    await world.clock.advance(2 * MINUTE)
    const points = await pointsOf(world, next.canary)
    expect(servedIn(points)).toBe(sentIn(world))
    expect(servedIn(points.filter(({ versions }) => versions.canary === 'v2'))).toBe(before)
    expectInOrder(points)
  })
})
