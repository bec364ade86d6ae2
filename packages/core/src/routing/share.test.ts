import { describe, expect, it } from 'vitest'
import { BUCKET_COUNT, variantOf } from './bucket.js'
import { exactStrategy } from './exact.js'
import { randomStrategy } from './random.js'
import { stickyStrategy } from './sticky.js'
import type { Strategy } from './strategy.js'

const REQUESTS = 1_000_000

/** Weights, and the canary's share of the requests. */
const SHARES = [
  { weight: 0.01, share: 100 },
  { weight: 0.5, share: 5_000 },
  { weight: 10, share: 100_000 },
  { weight: 33.33, share: 333_300 },
  { weight: 50, share: 500_000 },
  { weight: 99.5, share: 995_000 },
]

/** Chi-square with 1 and with 9,999 degrees of freedom, at p = 1e-6: seeded, so it passes always or never. */
const LIMIT = 23.93
const LIMIT_OF_BUCKETS = 10_686

/** Pearson's chi-square of a split in two against the share that the weight promises. */
function chiSquare(canary: number, share: number): number {
  return (canary - share) ** 2 / share + (canary - share) ** 2 / (REQUESTS - share)
}

/** Mulberry32: a uniform number in [0, 1) from a 32-bit state. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function countCanary(strategy: Strategy, weight: number): number {
  let canary = 0
  for (let request = 0; request < REQUESTS; request++) {
    if (strategy.pick({}, weight) === 'canary') canary++
  }
  return canary
}

/** How many of a million users fall into each bucket. */
const users = await (async () => {
  const { bucketOf } = await stickyStrategy({ salt: 'sentiment-2026-11' })
  const counts = new Uint32Array(BUCKET_COUNT)
  for (let user = 0; user < REQUESTS; user++) counts[bucketOf({ key: `user-${user}` })!]!++
  return counts
})()

describe('the share of a million requests', () => {
  it.each(SHARES)('is $share at weight $weight by chance', ({ weight, share }) => {
    const strategy = randomStrategy({ random: seededRandom(2_026) })
    expect(chiSquare(countCanary(strategy, weight), share)).toBeLessThan(LIMIT)
  })

  it.each(SHARES)('is $share at weight $weight to the request with exactStrategy', ({ weight, share }) => {
    expect(countCanary(exactStrategy(), weight)).toBe(share)
  })
})

describe('the share of a million users', () => {
  it.each(SHARES)('is $share at weight $weight, give or take chance', ({ weight, share }) => {
    const canary = users.reduce((sum, count, bucket) => sum + (variantOf(bucket, weight) === 'canary' ? count : 0), 0)
    expect(chiSquare(canary, share)).toBeLessThan(LIMIT)
  })

  it('is the same for each of the 10,000 buckets', () => {
    const mean = REQUESTS / BUCKET_COUNT
    expect(users.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)).toBeLessThan(LIMIT_OF_BUCKETS)
  })
})
