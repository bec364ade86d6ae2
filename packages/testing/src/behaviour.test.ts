import { describe, expect, it } from 'vitest'
import { callOf } from './behaviour.js'
import { seededRandom } from './seeded-random.js'

const context = (random: () => number) => ({ random, elapsedMs: 0, weight: 50, key: undefined })

describe('callOf', () => {
  it('draws each class by its share, whatever the shares sum to', () => {
    const call = callOf({ predictions: { positive: 6, neutral: 0, negative: 4 } })
    const predictionAt = (chance: number) => call(context(() => chance)).prediction
    expect([0, 0.59, 0.61, 0.99].map(predictionAt)).toEqual(['positive', 'positive', 'negative', 'negative'])
  })

  it('has no prediction for an error, and none if no predictions are configured', () => {
    const draws = () => [0.5, 0.5, 0.01, 0.5]
    const random = (numbers: number[]) => () => numbers.shift()!
    expect(callOf({ errorRate: 0.02, predictions: { positive: 1 } })(context(random(draws())))).toEqual({
      durationMs: expect.any(Number),
      outcome: 'error',
    })
    expect(callOf({ errorRate: 0.005 })(context(random(draws())))).toEqual({ durationMs: expect.any(Number) })
  })

  it('has lognormal durations with the given mean and spread', () => {
    const call = callOf({ latencyMs: { mean: 300, sigma: 0.5 } })
    const random = seededRandom(3)
    const logs = Array.from({ length: 20_000 }, () => Math.log(call(context(random)).durationMs))
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
    const spread = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length)
    expect(mean).toBeCloseTo(Math.log(300) - 0.5 ** 2 / 2, 1) // a standard error is 0.0035
    expect(spread).toBeCloseTo(0.5, 1)
  })

  it('returns a function unchanged', () => {
    const version = () => ({ durationMs: 1 })
    expect(callOf(version)).toBe(version)
  })
})
