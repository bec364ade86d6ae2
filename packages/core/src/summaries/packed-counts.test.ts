import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { BIN_COUNT, binOf, type SparseBins, sparseBinsOf } from './histogram.js'
import { packCounts } from './packed-counts.js'
import { createScoreBins, scoreBinOf } from './score-bins.js'
import { emptySummary, type Summary } from './summary.js'

function binned(bins: Uint32Array, values: readonly number[], binOf: (value: number) => number): SparseBins {
  for (const value of values) bins[binOf(value)]! += 1
  return sparseBinsOf(bins)
}

const momentsOf = (values: readonly number[]) => ({
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
})

/** Calls with a latency of about 40 ms, three classes, a score and a metric. */
function arm(requests: number, random: () => number): Summary {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const latencies = Array.from({ length: requests }, () => Math.round(40_000 * Math.exp(0.5 * normal())))
  const scores = latencies.map(() => 1 / (1 + Math.exp(-2 * normal())))
  const share = (part: number) => Math.round(requests * part)
  return {
    ...emptySummary(),
    begun: requests + 5,
    outcomes: { ...emptySummary().outcomes, success: share(0.99), error: share(0.01) },
    answers: { decided: requests, unanswered: share(0.01), ended: share(0.01), leftEarly: 0 },
    rejections: { callers: share(0.5), rejected: share(0.001) },
    latencyUs: momentsOf(latencies),
    latencyBins: binned(new Uint32Array(BIN_COUNT), latencies, binOf),
    blockedUs: momentsOf(latencies.map((us) => us % 300)),
    pendingBins: binned(new Uint32Array(BIN_COUNT), latencies.slice(0, 5), binOf),
    predictions: {
      labels: ['negative', 'neutral', 'positive'].map((name, at) => [name, share(0.2 + at / 9)]),
      other: 0,
    },
    score: momentsOf(scores),
    scoreBins: binned(createScoreBins(), scores, scoreBinOf),
    metrics: [['clicked', { count: share(1), sum: share(0.3), sumOfSquares: share(0.3) }]],
  }
}

describe('the length of packed counts', () => {
  it.each([
    [1_000, 1_200],
    [100_000, 3_000],
  ])('is that of a short message, after %i requests', (requests, most) => {
    const random = seededRandom(1)
    const counts = { baseline: arm(0.9 * requests, random), canary: arm(0.1 * requests, random) }
    expect(packCounts(counts).length).toBeLessThan(most)
    expect(packCounts(counts).length).toBeGreaterThan(most / 2)
  })

  it('is that of a few words without requests', () => {
    expect(packCounts({ baseline: emptySummary(), canary: emptySummary() }).length).toBeLessThan(60)
  })
})
