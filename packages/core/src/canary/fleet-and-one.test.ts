import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { metric } from '../guardrails/kinds/metric.js'
import { scoreShift } from '../guardrails/kinds/score-shift.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import { linearPlan } from '../rollout/plan.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { differences } from './differences.fixture.js'
import { type FleetWorld, fleetWorld } from './fleet.fixture.js'

/** What a fleet of so many processes has made of the same requests, in the same order and at the same moments. */
async function judgedBy(count: number, seconds: number, { harm = 0, margin = 0.1 } = {}): Promise<StoredRollout> {
  const plan = linearPlan([10, 50, 100], { minDurationMs: 30_000, minRequests: 50 })
  const judge = evidenceJudge({ watchMs: 60_000 }) // so that the blocks are the same: the requests between two looks
  const guardrails = [
    errorRate({ margin }),
    scoreShift({ margin: 0.5 }),
    metric('tokens', { margin: 50, direction: 'must-not-rise' }),
  ]
  const options = { plan, judge, guardrails, warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }
  const world = fleetWorld(count, options, manualClock())
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  Object.assign(world.fails, { baseline: 0.02, canary: 0.02 + harm })
  await serveInTurn(world, seconds)
  const stored = await world.stored()
  await world.close()
  return stored
}

/** Sends 12 requests a second to the processes in turn, except near a look, until the rollout has ended. */
async function serveInTurn(world: FleetWorld, seconds: number): Promise<void> {
  const random = seededRandom(11)
  const isLive = () => ['warming', 'progressing'].includes(world.replicas[0]!.canary.status().state)
  for (let second = 0; second < seconds && isLive(); second += 1) {
    const isAroundLook = [0, 1, 14].includes(second % 15)
    for (let call = 0; call < 12 && !isAroundLook; call += 1) {
      const { canary } = world.replicas[call % world.replicas.length]!
      const flight = canary.begin()
      const isError = random() < world.fails[flight.assignment.variant]
      const metrics = { tokens: 100 * random() }
      flight.end({ outcome: isError ? 'error' : 'success', score: random(), metrics })
    }
    await world.clock.advance(1_000)
  }
}

describe('several processes', () => {
  it('have the evidence of one process with the same requests, if they are eight', async () => {
    const [one, eight] = [await judgedBy(1, 61), await judgedBy(8, 61)]
    expect([one.state.step, one.cumulative!.canary.begun > 50, one.evidence !== null]).toEqual([1, true, true])
    expect(differences(eight.cumulative, one.cumulative)).toEqual([])
    expect(differences(eight.evidence, one.evidence)).toEqual([])
  })

  it.each([
    ['promote a good canary', 0, 'promoted'],
    ['roll a bad one back', 0.5, 'rolled-back'],
  ])('%s as one process does', async (_, harm, state) => {
    const [one, three] = [await judgedBy(1, 600, { harm, margin: 0.3 }), await judgedBy(3, 600, { harm, margin: 0.3 })]
    const actions = ({ history }: StoredRollout) =>
      history.filter(({ action }) => action !== 'hold').map(({ action, step }) => [action, step])
    expect(actions(three)).toEqual(actions(one))
    expect(three.state.state).toBe(state)
  })
})
