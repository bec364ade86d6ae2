import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { metric } from '../guardrails/kinds/metric.js'
import { predictionShift } from '../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../guardrails/kinds/score-shift.js'
import type { BaselineHistory } from '../judging/evidence/baseline-history.js'
import { linearPlan } from '../rollout/plan.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { stickyStrategy } from '../routing/sticky.js'
import { differences } from './differences.fixture.js'
import { type FleetWorld, fleetWorld } from './fleet.fixture.js'

const USERS = 2_000
const strategy = await stickyStrategy({ salt: 'sentiment' })
const guardrails = [
  errorRate({ margin: 0.05 }),
  predictionShift(),
  scoreShift({ margin: 0.5 }),
  metric('tokens', { margin: 50, direction: 'must-not-rise' }),
]

async function started(count: number, judgedBy = guardrails): Promise<FleetWorld> {
  const plan = linearPlan([10, 100], { minDurationMs: 30_000, minRequests: 50 })
  const options = { plan, guardrails: judgedBy, strategy, warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }
  const world = fleetWorld(count, options, manualClock())
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  return world
}

/** How often the calls of each user fail: often for a third of the users of the canary's first buckets. */
const fails = Array.from({ length: USERS }, (_, user) =>
  user % 3 === 0 && strategy.bucketOf({ key: `user ${user}` })! < 1_000 ? 0.4 : 0.02,
)

/** Sends 20 requests a second to the living processes in turn, except near the end of a window. */
async function serveInTurn(world: FleetWorld, minutes: number, until = () => false): Promise<void> {
  const random = seededRandom(5)
  for (let second = 0; second < minutes * 60 && !until(); second += 1) {
    const isAroundEnd = [0, 1, 7, 14].includes((world.clock.elapsed() / 1_000) % 15)
    for (let call = 0; call < 20 && !isAroundEnd; call += 1) {
      const living = world.replicas.filter(({ isAlive }) => isAlive)
      const user = Math.floor(USERS * random())
      const flight = living[call % living.length]!.canary.begin({ key: `user ${user}` })
      const outcome = random() < fails[user]! ? 'error' : 'success'
      const prediction = random() < (user % 7) / 7 ? 'spam' : 'ham'
      flight.end({ outcome, prediction, score: random(), metrics: { tokens: 100 * random() } })
    }
    await world.clock.advance(1_000)
  }
}

/** What a fleet knows of its baseline that has served alone for 13 minutes, when the rollout begins again. */
async function atRetry(count: number, judgedBy = guardrails, by = 0): Promise<FleetWorld> {
  const world = await started(count, judgedBy)
  await world.replicas[0]!.canary.rollback()
  await serveInTurn(world, 13)
  await world.replicas[by]!.canary.retry()
  return world
}

const offsetsOf = ({ calibration }: StoredRollout) => (calibration.baselineHistory as BaselineHistory).offsets

const decisionsOf = ({ history }: StoredRollout) =>
  history.filter(({ action }) => action !== 'hold').map(({ action, step, at }) => [action, step, at])

describe('the users of several processes', () => {
  it('are compared with themselves as those of one process with the same requests, if they are eight', async () => {
    const [one, eight] = [await atRetry(1), await atRetry(8)]
    const [ofOne, ofEight] = [offsetsOf(await one.stored()), offsetsOf(await eight.stored())]
    expect(ofOne?.byHypothesis.errorRate?.[10]).toMatchObject({ offset: expect.closeTo(0.09, 2) })
    expect(differences(ofEight, ofOne)).toEqual([])
  })

  it('are known to the others if the leader is killed right after the start', async () => {
    const world = await atRetry(3)
    const before = offsetsOf(await world.stored())
    world.replicas[0]!.kill()
    await world.clock.advance(30_000)
    expect(world.replicas[1]!.canary.status().state).toBe('progressing')
    expect(before?.byHypothesis.errorRate?.[10]).toMatchObject({ offset: expect.closeTo(0.09, 2) })
    expect(offsetsOf(await world.stored())).toEqual(before)
  })

  it('are known to a process that has never learned, but for the last minute', async () => {
    const world = await atRetry(3, guardrails, 2)
    expect(offsetsOf(await world.stored())?.byHypothesis.errorRate?.[10]).toMatchObject({
      offset: expect.closeTo(0.09, 2),
    })
  })

  it('lead to the decisions of one process', async () => {
    const judgedBy = [errorRate({ margin: 0.1 })]
    const [one, eight] = [await atRetry(1, judgedBy), await atRetry(8, judgedBy)]
    for (const world of [one, eight]) {
      await serveInTurn(world, 10, () => world.replicas[0]!.canary.status().state === 'promoted')
    }
    expect(decisionsOf(await eight.stored())).toEqual(decisionsOf(await one.stored()))
    expect(decisionsOf(await one.stored()).at(-1)).toMatchObject(['promote', 1, expect.anything()])
  }, 120_000)
})
