import { errorRate, linearPlan } from '@model-canary/core'
import { createController, type MetricsSource, type Target } from '@model-canary/core/controller'
import { emptySummary, type Summary } from '@model-canary/core/judge'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it, vi } from 'vitest'
import { rolloutIn, scrapedWorld } from './scraped-world.fixture.js'

vi.setConfig({ testTimeout: 120_000 }) // hours of virtual time

/** Returns this many pods of each arm, each scraped at its own second. */
const podsOf = (baseline: number, canary: number) => [
  ...Array.from({ length: baseline }, () => ({ arm: 'baseline' as const, ok: 99_000, error: 1_000 })),
  ...Array.from({ length: canary }, () => ({ arm: 'canary' as const })),
]

/** How long the same rollout takes with counts that are available at every scrape. */
async function promotedInProcess(everyMs: number): Promise<number> {
  const clock = manualClock()
  let share = 0
  const counted = (requests: number): Summary => {
    const error = Math.round(requests / 100)
    const { outcomes, ...nothing } = emptySummary()
    return { ...nothing, begun: requests, outcomes: { ...outcomes, success: requests - error, error } }
  }
  const source: MetricsSource = {
    async read({ openedAt }) {
      const requests = (Math.floor((clock.now() - openedAt) / everyMs) * everyMs * 50) / 1_000
      const canary = Math.round(requests * share)
      return requests === 0 ? 'no-data' : { baseline: counted(requests - canary), canary: counted(canary) }
    },
  }
  const apply: Target['apply'] = async ({ weight }) => {
    share = weight / 100
  }
  const plan = linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 100 })
  const guardrails = [errorRate({ margin: 0.02 })]
  const controller = createController({
    name: 'x',
    source,
    clock,
    target: { splitsTraffic: true, apply },
    plan,
    guardrails,
  })
  await controller.start()
  for (let look = 0; look < 500 && controller.status().state !== 'promoted'; look++) await clock.advance(15_000)
  const { state, elapsedMs } = controller.status()
  expect(state).toBe('promoted')
  const closing = controller.close()
  await clock.advance(3_000)
  await closing
  return elapsedMs
}

const SURROUNDINGS = [1, 3, 9].flatMap((baseline, at) =>
  [15_000, 30_000, 60_000].map((scrapeMs) => ({ baseline, canary: [1, 1, 3][at]!, scrapeMs })),
)

describe.each(SURROUNDINGS)('$baseline and $canary pods that are scraped every $scrapeMs ms', (world) => {
  const { baseline, canary, scrapeMs } = world

  it.each([1, 2, 3])(
    'bring a canary back within three scrapes of a step that fails every other call (offsets %i)',
    async (seed) => {
      const errors = { baseline: 0.01, canary: 0.5 }
      const requestsPerSecond = 3_000_000 / scrapeMs // as many in a scrape
      const scraped = scrapedWorld({ pods: podsOf(baseline, canary), scrapeMs, errors, seed, requestsPerSecond })
      await scraped.run(5 * 60_000)
      const { controller, hasEnded, alerts } = await rolloutIn(scraped)
      await scraped.run(20 * 60_000, hasEnded)
      expect(controller.status().state).toBe('rolled-back')
      const [begun, ended] = scraped.weights.filter(({ weight }, at, all) => weight !== all[at - 1]?.weight).slice(-2)
      expect(ended!.at - begun!.at).toBeLessThanOrEqual(3 * scrapeMs)
      expect(alerts.filter(({ about }) => about === 'split')).toEqual([])
    },
  )

  it.each([4])('promote one that is as good as the baseline, and never doubt the split (offsets %i)', async (seed) => {
    const scraped = scrapedWorld({ pods: podsOf(baseline, canary), scrapeMs, seed })
    await scraped.run(5 * 60_000)
    const { controller, hasEnded, alerts } = await rolloutIn(scraped)
    await scraped.run(120 * 60_000, hasEnded)
    expect(controller.status().state).toBe('promoted')
    const elapsedMs = controller.status().elapsedMs
    expect(elapsedMs).toBeLessThanOrEqual(1.5 * (await promotedInProcess(scrapeMs)))
    expect(alerts.filter(({ about }) => about === 'split')).toEqual([])
  })
})

it.each([
  ['nothing was scraped before', { history: 0 }],
  ['the canary shows nothing before its first request', { history: 5 * 60_000, isLazy: true }],
])('never reports a wrong split if %s', async (_, { history, ...options }) => {
  for (const [baseline, canary] of [
    [1, 1],
    [3, 1],
    [9, 3],
  ] as const) {
    const scraped = scrapedWorld({ pods: podsOf(baseline, canary), scrapeMs: 60_000, seed: 11, ...options })
    await scraped.run(history)
    const { controller, alerts } = await rolloutIn(scraped)
    await scraped.run(15 * 60_000)
    expect(controller.status().requests.canary).toBeGreaterThan(1_000)
    expect(alerts.filter(({ about }) => about === 'split')).toEqual([])
  }
})
