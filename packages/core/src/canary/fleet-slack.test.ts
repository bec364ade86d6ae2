import { manualClock, seededRandom } from '@model-canary/testing'
import { expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { hold } from '../rollout/plan.js'
import { stickyStrategy } from '../routing/sticky.js'
import { type FleetWorld, fleetWorld } from './fleet.fixture.js'

const USERS = 2_000
const strategy = await stickyStrategy({ salt: 'sentiment' })

/** With both versions, a third of the users of the canary's buckets fail often. */
const isUnlucky = (user: number): boolean => user % 3 === 0 && strategy.bucketOf({ key: `user ${user}` })! < 1_000

/** How the load balancer sends users, and how often the canary fails for those who do not fail often anyway. */
interface Traffic {
  /** The part of the requests of unlucky users that goes to the first process. */
  readonly unluckyToFirst: number
  readonly canaryFails: number
}

const alike: Traffic = { unluckyToFirst: 0.5, canaryFails: 0.02 }

/** Sends 20 requests a second to two processes. */
async function serve(world: FleetWorld, seconds: number, { unluckyToFirst, canaryFails }: Traffic): Promise<void> {
  const random = seededRandom(5)
  for (let second = 0; second < seconds; second += 1) {
    for (let call = 0; call < 20; call += 1) {
      const user = Math.floor(USERS * random())
      const isFirst = random() < (isUnlucky(user) ? unluckyToFirst : 0.5)
      const flight = world.replicas[isFirst ? 0 : 1]!.canary.begin({ key: `user ${user}` })
      const fails = flight.assignment.variant === 'canary' ? canaryFails : 0.02
      flight.end({ outcome: random() < (isUnlucky(user) ? 0.4 : fails) ? 'error' : 'success' })
    }
    await world.clock.advance(1_000)
  }
}

/** Two processes that know all users from 13 minutes in which the baseline served alone, at the start of a rollout. */
async function started(): Promise<FleetWorld> {
  const options = { plan: hold(10), guardrails: [errorRate({ margin: 0.05 })], strategy, warmUp: { durationMs: 0 } }
  const world = fleetWorld(2, options, manualClock())
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(0)
  await world.replicas[0]!.canary.rollback()
  await serve(world, 13 * 60, alike)
  await world.replicas[0]!.canary.retry()
  return world
}

it('a load balancer that sends the unlucky users to one process does not roll a good canary back', async () => {
  const world = await started()
  await serve(world, 20 * 60, { ...alike, unluckyToFirst: 1 })
  expect(world.replicas.map(({ canary }) => canary.status().state)).toEqual(['progressing', 'progressing'])
  expect((await world.stored()).state.requests.canary).toBeGreaterThan(2_000)
}, 60_000)

it('a process whose store is down rolls a canary with 20 points more errors back by its own requests', async () => {
  const world = await started()
  await serve(world, 30, alike)
  for (const replica of world.replicas) replica.line = 'down'
  await serve(world, 5 * 60, { ...alike, canaryFails: 0.25 })
  expect(world.replicas.map(({ canary }) => canary.status().state)).toContain('rolled-back')
}, 60_000)

it('a process that fails with both versions rolls nothing back, and one that fails with the canary alone does', async () => {
  const options = { plan: hold(20), guardrails: [errorRate({ margin: 0.05 })], warmUp: { durationMs: 0 } }
  const world = fleetWorld(4, options, manualClock())
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  const random = seededRandom(5)
  const failIn = async (seconds: number, failing: readonly string[]): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      for (const [at, { canary }] of world.replicas.entries()) {
        for (let call = 0; call < 10; call += 1) {
          const flight = canary.begin()
          const fails = at === 1 && failing.includes(flight.assignment.variant) ? 0.3 : 0.02
          flight.end({ outcome: random() < fails ? 'error' : 'success' })
        }
      }
      await world.clock.advance(1_000)
    }
  }
  await failIn(300, ['baseline', 'canary'])
  expect(world.replicas.map(({ canary }) => canary.status().state)).toEqual(Array(4).fill('progressing'))
  await failIn(300, ['canary'])
  expect(world.replicas.map(({ canary }) => canary.status().state)).toEqual(Array(4).fill('rolled-back'))
}, 60_000)
