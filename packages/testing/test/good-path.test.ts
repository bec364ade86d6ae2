import {
  type CanaryOptions,
  createCanary,
  errorRate,
  exactStrategy,
  latency,
  linearPlan,
  predictionShift,
  stickyStrategy,
  tailLatency,
  thresholdJudge,
} from '@model-canary/core'
import { manualClock, type SimulateOptions, seededRandom, simulate, userKeys } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1)

/** A sound version. The judge of these tests has no error control, so its sample is large against its margins. */
const sound = { errorRate: 0.002, latencyMs: { mean: 120, sigma: 0.5 }, predictions: { positive: 60, negative: 40 } }

const rollout: Partial<CanaryOptions> = {
  plan: linearPlan([10, 25, 50, 75, 100], { minDurationMs: 60_000, minRequests: 400 }),
  guardrails: [
    errorRate({ margin: 0.02 }),
    latency({ marginMs: 50 }),
    tailLatency({ ratio: 2 }),
    predictionShift({ margin: 0.15 }),
  ],
  judge: thresholdJudge({ minSamples: 400 }),
  historySize: 20,
}

const traffic: SimulateOptions = { requestsPerSecond: 20, baseline: sound, canary: sound, rollout }

const sticky = (random: () => number, onMissingKey: 'baseline' | 'random') =>
  stickyStrategy({ salt: 'good', onMissingKey, random })

const situations: Record<string, SimulateOptions> = {
  'a random split': traffic,
  'an exact split': { ...traffic, strategy: () => exactStrategy() },
  'sticky users, some of them heavy': {
    ...traffic,
    strategy: (random) => sticky(random, 'baseline'),
    keyOf: userKeys({ users: 5_000, exponent: 0.8 }),
  },
  'three requests in ten without a key, served by the baseline': {
    ...traffic,
    strategy: (random) => sticky(random, 'baseline'),
    keyOf: userKeys({ users: 5_000, exponent: 0.8, missing: 0.3 }),
  },
  'three requests in ten without a key, split at random': {
    ...traffic,
    strategy: (random) => sticky(random, 'random'),
    keyOf: userKeys({ users: 5_000, exponent: 0.8, missing: 0.3 }),
  },
  'traffic that stops for an hour and returns': {
    ...traffic,
    requestsPerSecond: (elapsedMs) => (elapsedMs > 200_000 && elapsedMs < 3_800_000 ? 0 : 20),
  },
  'a canary that is truly better': {
    ...traffic,
    baseline: { ...sound, errorRate: 0.05 },
    canary: { ...sound, latencyMs: { mean: 60, sigma: 0.5 } },
  },
}

describe.each(Object.entries(situations))('%s', { timeout: 120_000 }, (_, options) => {
  it('promotes with every seed', async () => {
    const ended = await Promise.all(SEEDS.map(async (seed) => (await simulate({ ...options, seed })).status))
    expect(ended.filter(({ state }) => state !== 'promoted').map(({ state, reason }) => [state, reason])).toEqual([])
  })
})

describe('a wall clock that jumps', { timeout: 120_000 }, () => {
  it('promotes after the same time as one that does not', async () => {
    expect(new Set(await Promise.all(SEEDS.map(secondsToPromotion)))).toEqual(new Set([await secondsToPromotion(0)]))
  })
})

/** Seed 0 leaves the clock alone; the others throw it back and forth by up to two hours at any moment. */
async function secondsToPromotion(seed: number): Promise<number> {
  const random = seededRandom(seed)
  const clock = manualClock()
  const canary = createCanary({
    ...rollout,
    name: 'jumps',
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: exactStrategy(),
    clock,
  })
  const predict = canary.wrap(
    { baseline: () => 'positive', canary: () => 'positive' },
    { predictionOf: (label) => label },
  )
  await canary.start()
  for (let second = 1; second < 3_600; second += 1) {
    for (let request = 0; request < 40; request += 1) predict()
    if (seed > 0 && random() < 0.1) clock.jump((random() - 0.5) * 4 * 3_600_000)
    await clock.advance(1_000)
    if (canary.status().state === 'promoted') return second
  }
  return Number.NaN
}
