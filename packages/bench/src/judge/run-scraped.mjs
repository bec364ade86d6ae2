import { createController } from '@model-canary/core/controller'
import { manualClock, seededRandom } from '@model-canary/testing'
import { rolloutOf } from './judges.mjs'
import { outcomeOf } from './outcome.mjs'
import { BAKE_WEIGHT, HORIZON_MS } from './scenario.mjs'
import { createScrapes } from './scrapes.mjs'

const SECOND_MS = 1_000

/** The time for which the pods are scraped before the start. */
const BEFORE_MS = 120_000

/**
 * Runs one rollout in virtual time, through the real `createController` over counts that are scraped.
 *
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {import('./judges.mjs').Contestant} judge
 * @param {number} seed
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function runScraped(scenario, judge, seed) {
  const random = seededRandom(seed)
  const clock = manualClock()
  const scrapes = createScrapes(scenario.scrapes, clock)
  const traffic = createTraffic(scenario.traffic(random), { random, clock, record: scrapes.record })
  const { tripwire: _, ...rollout } = rolloutOf(judge, scenario) // the tripwire checks single calls, which a scrape does not have
  let startedAt
  let bakeFromMs
  const target = {
    async apply({ weight }) {
      if (weight >= BAKE_WEIGHT) bakeFromMs ??= clock.elapsed() - startedAt
      traffic.sendToCanary(weight)
    },
  }
  const controller = createController({
    name: 'scraped',
    logger: false,
    ...rollout,
    clock,
    target,
    source: scrapes.source,
  })
  let splitAlerts = 0
  controller.on('alert', ({ about }) => {
    if (about === 'split') splitAlerts += 1
  })

  const second = async () => {
    traffic.serve(SECOND_MS)
    await clock.advance(SECOND_MS)
    scrapes.scrape()
  }
  while (clock.elapsed() < BEFORE_MS) await second()
  startedAt = clock.elapsed()
  await controller.start()
  const exposedBefore = traffic.exposed()
  const isUnderWay = () => !['promoted', 'rolled-back'].includes(controller.status().state)
  while (isUnderWay() && clock.elapsed() - startedAt < HORIZON_MS) await second()
  const status = controller.status()
  await controller.close()
  return {
    ...outcomeOf(scenario, status, clock.elapsed() - startedAt),
    exposed: traffic.exposed() - exposedBefore,
    splitAlerts,
    ...(bakeFromMs !== undefined && { bakeFromMs }),
  }
}

/** Requests of both versions, each split at random at the target's latest weight. */
function createTraffic({ requestsPerSecond, ...versions }, { random, clock, record }) {
  let weight = 0
  let exposed = 0
  let nextMs = 0

  const arrive = () => {
    const variant = random() * 100 < weight ? 'canary' : 'baseline'
    if (variant === 'canary') exposed += 1
    const call = versions[variant]({ random, elapsedMs: nextMs, weight, key: undefined })
    record({ outcome: 'success', ...call, variant, at: clock.elapsed() })
  }

  return {
    exposed: () => exposed,
    sendToCanary(share) {
      weight = share
    },
    /** Serves all requests until then, at exponential gaps. */
    serve(durationMs) {
      while (nextMs < clock.elapsed() + durationMs) {
        arrive()
        nextMs += (-Math.log(1 - random()) / requestsPerSecond) * 1_000
      }
    },
  }
}
