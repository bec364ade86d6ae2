import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { createFleetCollection } from '../../../core/src/controller/fleet-collection.js'
import { systemClock } from '../../../core/src/runtime/clock.js'
import { redisStore } from '../../src/index.js'
import { failedIn, type Load } from './load.fixture.js'
import { PATIENCE } from './processes.fixture.js'
import type { World } from './world.fixture.js'

/** The steps of the rollout, but for the last: 20 %, 50 %, and the bake at 90 %. */
const STEPS = [1, 2, 3]

/** Returns how many requests of each arm were answered in each step, as the load balancer saw it. */
const answeredIn = ({ ledger }: Load) =>
  STEPS.map((step) => {
    const arms = ledger.flatMap(({ answer }) => (answer?.step === step ? [answer.variant] : []))
    const canary = arms.filter((arm) => arm === 'canary').length
    return { baseline: arms.length - canary, canary }
  })

/** Resolves to how many requests were reported in the stay of each step. The first stay is the warm-up. */
async function reportedIn({ redis }: World) {
  const client = new Redis({ port: redis.port, host: '127.0.0.1' })
  const { fleet } = redisStore(client, { name: 'sentiment' })
  const ignored = { onDamaged: () => {}, onTooMany: () => {} }
  const { collect } = createFleetCollection({ fleet: fleet!, clock: systemClock, timeoutMs: 2_000, ...ignored })
  try {
    const reported: { readonly baseline: number; readonly canary: number }[] = []
    for (const step of STEPS) {
      const counts = await collect({ epoch: 1, visit: step + 1 }, new AbortController().signal)
      if (counts !== 'no-data') reported.push({ baseline: counts.baseline.begun, canary: counts.canary.begun })
    }
    return reported
  } finally {
    client.disconnect()
  }
}

/** A rollout ends under load: each request is in the reports of its step, also one that came right before its end. */
export async function reportsEachStepCompletely(world: World): Promise<void> {
  const { service, load, start } = world
  await start(4, { weights: [20, 50, 100] })
  load.start(160)
  await service.states(({ state, weight }) => state === 'promoted' && weight === 100)
  await load.stop()
  expect(failedIn(load)).toEqual([])
  const answered = answeredIn(load)
  expect(Math.min(...answered.map(({ canary }) => canary))).toBeGreaterThan(10)
  await expect.poll(() => reportedIn(world), PATIENCE).toEqual(answered)
}
