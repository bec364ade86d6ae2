import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { type BaselineHistory, windowCountOf } from '../judging/evidence/baseline-history.js'
import type { Calibration } from '../judging/judge.js'
import { linearPlan } from '../rollout/plan.js'
import type { CanaryOptions } from './canary-options.js'
import { differences } from './differences.fixture.js'
import { type FleetWorld, fleetWorld } from './fleet.fixture.js'

/** Sends 2 requests a second to the living processes in turn, except near the end of a window. */
async function serveInTurn(world: FleetWorld, minutes: number, seed: number): Promise<void> {
  const random = seededRandom(seed)
  for (let second = 0; second < minutes * 60; second += 1) {
    const isAroundEnd = [0, 7, 14].includes((world.clock.elapsed() / 1_000) % 15)
    for (let call = 0; call < 16 && !isAroundEnd; call += 1) {
      const living = world.replicas.filter(({ isAlive }) => isAlive)
      const flight = living[call % living.length]!.canary.begin({ key: `user ${Math.floor(20 * random())}` })
      flight.end({ outcome: random() < 0.1 ? 'error' : 'success' })
    }
    await world.clock.advance(1_000)
  }
}

async function started(count: number, options: Partial<CanaryOptions> = {}): Promise<FleetWorld> {
  const world = fleetWorld(count, { plan: [10, 100], bake: { durationMs: 0 }, ...options }, manualClock())
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  return world
}

/** What a fleet knows of its baseline that has served alone for ten minutes, when the rollout begins again. */
async function knownAtRetry(count: number): Promise<Calibration> {
  const world = await started(count)
  await world.replicas[0]!.canary.rollback()
  await serveInTurn(world, 10, 5)
  await world.replicas[0]!.canary.retry()
  return (await world.stored()).calibration
}

/** What the first process of the next release knows of a version that was promoted and has served for ten minutes. */
async function knownOfNext(count: number): Promise<Calibration> {
  const world = await started(count)
  await world.replicas[0]!.canary.promote({ full: true })
  await serveInTurn(world, 10, 5)
  await Promise.all(world.replicas.map(({ canary }) => canary.close()))
  await world.add({ versions: { baseline: 'v2', canary: 'v3' } }).canary.start()
  return (await world.stored()).calibration
}

const historyOf = ({ baselineHistory }: Calibration) => baselineHistory as BaselineHistory

describe('the past of several processes', () => {
  it('is that of one process with the same requests, if they are eight', async () => {
    const [one, eight] = [await knownAtRetry(1), await knownAtRetry(8)]
    expect(windowCountOf(historyOf(one))).toBe(39)
    expect(historyOf(one).newer.total.begun).toBe(39 * 12 * 16)
    expect(differences(eight.baselineHistory, one.baselineHistory)).toEqual([])
    expect(differences(eight.clusters, one.clusters)).toEqual([])
  })

  it('is of all of them also while a rollout is under way', async () => {
    const world = await started(3, { plan: linearPlan([10, 100], { minDurationMs: 3_600_000 }) })
    await serveInTurn(world, 6, 5)
    const { canary, cumulative } = { ...(await world.stored()), canary: world.replicas[0]!.canary }
    await canary.rollback()
    await canary.retry()
    const { state, calibration } = await world.stored()
    const known = historyOf(calibration).newer
    expect([state.epoch, known.windows]).toEqual([2, 22])
    expect(known.total.begun).toBeGreaterThan(0.9 * cumulative!.baseline.begun)
  })

  it('outlives the process that learned it, but for the last minute', async () => {
    const world = await started(3)
    await world.replicas[0]!.canary.rollback()
    await serveInTurn(world, 8, 5)
    world.replicas[0]!.kill()
    await serveInTurn(world, 5, 6)
    await world.replicas.find(({ isAlive }) => isAlive)!.canary.retry()
    const { windows, total } = historyOf((await world.stored()).calibration).newer
    expect(windows).toBeGreaterThanOrEqual(51 - 4 - 2 - 4)
    expect(total.begun / windows).toBeGreaterThan(0.9 * 12 * 16)
  })

  it('is known to a process that never learned, but for the last minute', async () => {
    const world = await started(3)
    await world.replicas[0]!.canary.rollback()
    await serveInTurn(world, 6, 5)
    await world.replicas[2]!.canary.retry()
    const { windows, total } = historyOf((await world.stored()).calibration).newer
    expect(windows).toBeGreaterThanOrEqual(23 - 4)
    expect(total.begun).toBe(windows * 12 * 16)
  })

  it('of a promoted version is what the next release begins with', async () => {
    const [one, eight] = [await knownOfNext(1), await knownOfNext(8)]
    expect(windowCountOf(historyOf(one))).toBeGreaterThan(35)
    expect(differences(eight.baselineHistory, one.baselineHistory)).toEqual([])
  })
})
