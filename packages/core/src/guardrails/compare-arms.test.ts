import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { abortRateOf, errorRateOf, timeoutRateOf } from '../summaries/summary.js'
import { arm, constants } from './arm.fixture.js'
import { compareArms } from './kind-of.js'
import { abortRate } from './kinds/abort-rate.js'
import { errorRate } from './kinds/error-rate.js'
import { latency } from './kinds/latency.js'
import { metric } from './kinds/metric.js'
import { predictionShift } from './kinds/prediction-shift.js'
import { scoreShift } from './kinds/score-shift.js'
import { tailLatency } from './kinds/tail-latency.js'
import { timeoutRate } from './kinds/timeout-rate.js'

describe('rates', () => {
  const arms = {
    baseline: arm({ requests: 1000, errors: 5, timeouts: 5, aborted: 100 }),
    canary: arm({ requests: 200, errors: 8, timeouts: 2, aborted: 50 }),
  }

  it('count a timeout as an error, and do not count a client that hung up', () => {
    expect(compareArms(errorRate(), arms)).toMatchObject({
      baseline: 0.01,
      canary: 0.05,
      difference: 0.04,
      samples: { baseline: 1000, canary: 200 },
    })
  })

  it('count timeouts alone', () => {
    expect(compareArms(timeoutRate(), arms)).toMatchObject({ baseline: 0.005, canary: 0.01, samples: { canary: 200 } })
  })

  it('count hang-ups among all that finished', () => {
    expect(compareArms(abortRate(), arms)).toMatchObject({
      baseline: 100 / 1100,
      canary: 0.2,
      samples: { canary: 250 },
    })
  })

  it('have Bernoulli moments for a test', () => {
    expect(compareArms(errorRate(), arms).moments).toEqual({
      baseline: { count: 1000, sum: 10, sumOfSquares: 10 },
      canary: { count: 200, sum: 10, sumOfSquares: 10 },
    })
  })

  it('are the rates that a summary is shown with', () => {
    expect(compareArms(errorRate(), arms).canary).toBe(errorRateOf(arms.canary))
    expect(compareArms(timeoutRate(), arms).canary).toBe(timeoutRateOf(arms.canary))
    expect(compareArms(abortRate(), arms).canary).toBe(abortRateOf(arms.canary))
  })

  it('are null without data, never zero', () => {
    const none = compareArms(errorRate(), { baseline: arm({}), canary: arm({ requests: 10 }) })
    expect(none).toMatchObject({ baseline: null, canary: 0, difference: null, samples: { baseline: 0, canary: 10 } })
  })
})

describe('mean latency', () => {
  it('is measured in milliseconds', () => {
    const arms = { baseline: arm({ requests: 900, latencyMs: 120 }), canary: arm({ requests: 100, latencyMs: 180.5 }) }
    expect(compareArms(latency(), arms)).toMatchObject({ baseline: 120, canary: 180.5, difference: 60.5, margin: 50 })
  })

  it('is better below zero', () => {
    const arms = { baseline: arm({ requests: 9, latencyMs: 120 }), canary: arm({ requests: 9, latencyMs: 100 }) }
    expect(compareArms(latency(), arms).difference).toBe(-20)
  })
})

describe('tail latency', () => {
  const steady = arm({ requests: 1000, latencyMs: 100, slow: [20, 400] })

  it('sees slow requests that the mean hides', () => {
    const comparison = compareArms(tailLatency(), {
      baseline: arm({ requests: 1000, latencyMs: 100 }),
      canary: steady,
    })
    expect(comparison.baseline! / 100).toBeCloseTo(1, 1.9)
    expect(comparison.canary! / 400).toBeCloseTo(1, 1.9)
    expect(comparison.moments).toBeNull()
  })

  it('accepts the larger of the ratio and the least increase', () => {
    const margin = (latencyMs: number) => {
      const baseline = arm({ requests: 1000, latencyMs })
      return compareArms(tailLatency({ ratio: 1.5, minIncreaseMs: 10 }), { baseline, canary: steady }).margin
    }
    expect(margin(0.01)).toBe(10)
    expect(margin(100) / 50).toBeCloseTo(1, 1.9)
  })

  it('counts a flight that hangs while it hangs', () => {
    const hung = arm({ requests: 100, latencyMs: 100, pending: [5, 8_000] })
    const comparison = compareArms(tailLatency(), { baseline: steady, canary: hung })
    expect(comparison.canary! / 8_000).toBeCloseTo(1, 1.9)
    expect(comparison.samples.canary).toBe(105)
  })

  it('has a value even if there are only hanging flights', () => {
    expect(
      compareArms(tailLatency(), { baseline: steady, canary: arm({ pending: [3, 5_000] }) }).canary,
    ).toBeGreaterThan(4_900)
    expect(compareArms(tailLatency(), { baseline: steady, canary: arm({}) })).toMatchObject({
      canary: null,
      difference: null,
    })
  })
})

describe('prediction shift', () => {
  const sixtyForty = arm({ predictions: { positive: 600, negative: 400 } })

  it('is the move of the class that moved furthest, and names it', () => {
    const comparison = compareArms(predictionShift(), {
      baseline: arm({ predictions: { positive: 500, negative: 400, neutral: 100 } }),
      canary: arm({ predictions: { positive: 70, negative: 10, neutral: 20 } }),
    })
    expect(comparison).toMatchObject({ subject: 'share of "negative"', baseline: 0.4, canary: 0.1 })
    expect(comparison.difference).toBeCloseTo(0.3, 12)
  })

  it('counts a move up and a move down alike', () => {
    const canary = arm({ predictions: { positive: 80, negative: 20 } })
    expect(compareArms(predictionShift(), { baseline: sixtyForty, canary }).difference).toBeCloseTo(0.2, 12)
    expect(compareArms(predictionShift(), { baseline: canary, canary: sixtyForty }).difference).toBeCloseTo(0.2, 12)
  })

  it('sees a class that only one arm knows', () => {
    const canary = arm({ predictions: { positive: 60, negative: 20, gibberish: 20 } })
    const gone = compareArms(predictionShift(), { baseline: sixtyForty, canary })
    expect(gone.difference).toBeCloseTo(0.2, 12)
    expect(compareArms(predictionShift(), { baseline: canary, canary: sixtyForty }).difference).toBeCloseTo(0.2, 12)
  })

  it('treats the classes that are small in both arms as one, together with labels that are not kept', () => {
    const baseline = arm({ predictions: { big: 1000, a: 0, b: 0 } })
    const canary = arm({ predictions: { big: 955, a: 15, b: 15 }, otherPredictions: 15 })
    const comparison = compareArms(predictionShift({ minShare: 0.02 }), { baseline, canary })
    expect(comparison).toMatchObject({ baseline: 1, canary: 0.955, comparisons: 4 })
    const others = compareArms(predictionShift({ minShare: 0.02 }), {
      baseline: arm({ predictions: { x: 500, y: 500 } }),
      canary: arm({ predictions: { x: 470, y: 470, a: 15, b: 15 }, otherPredictions: 30 }),
    })
    expect(others).toMatchObject({ subject: 'share of all other classes', baseline: 0, canary: 0.06, comparisons: 6 })
  })

  it('keeps a class that has the least share in one arm', () => {
    const comparison = compareArms(predictionShift({ minShare: 0.02 }), {
      baseline: arm({ predictions: { a: 98, b: 2 } }),
      canary: arm({ predictions: { a: 100 } }),
    })
    expect(comparison.comparisons).toBe(6) // a, b and the rest, each up and down
  })

  it('compares nothing if an arm has no predictions', () => {
    expect(compareArms(predictionShift(), { baseline: arm({}), canary: sixtyForty })).toMatchObject({
      baseline: null,
      difference: null,
      samples: { baseline: 0, canary: 1000 },
    })
    expect(compareArms(predictionShift(), { baseline: sixtyForty, canary: arm({}) }).difference).toBeNull()
  })

  describe('properties', () => {
    const counts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 1, max: 200 }), {
      minKeys: 1,
    })

    it('is the largest difference over all classes where none is too small', () => {
      fc.assert(
        fc.property(counts, counts, (baseline, canary) => {
          const share = (of: Record<string, number>, label: string) =>
            (of[label] ?? 0) / Object.values(of).reduce((a, b) => a + b)
          const moves = [...'abcdef'].map((label) => Math.abs(share(canary, label) - share(baseline, label)))
          const arms = { baseline: arm({ predictions: baseline }), canary: arm({ predictions: canary }) }
          expect(compareArms(predictionShift({ minShare: 0 }), arms).difference).toBeCloseTo(Math.max(...moves), 12)
        }),
      )
    })
  })
})

describe('means of scores and metrics', () => {
  const half = constants([500, 0], [500, 1])
  const less = constants([70, 0], [30, 1])

  it('a score may move neither up nor down', () => {
    const down = compareArms(scoreShift({ margin: 0.1 }), {
      baseline: arm({ score: half }),
      canary: arm({ score: less }),
    })
    expect(down).toMatchObject({ baseline: 0.5, canary: 0.3, difference: 0.2, comparisons: 2 })
    const up = compareArms(scoreShift({ margin: 0.1 }), {
      baseline: arm({ score: less }),
      canary: arm({ score: half }),
    })
    expect(up.difference).toBe(0.2)
  })

  it('a metric is worse in its own direction only', () => {
    const arms = { baseline: arm({ metrics: { conversion: half } }), canary: arm({ metrics: { conversion: less } }) }
    const fall = compareArms(metric('conversion', { direction: 'must-not-fall', margin: 0.01 }), arms)
    expect(fall).toMatchObject({ baseline: 0.5, canary: 0.3, difference: 0.2, comparisons: 1 })
    const rise = compareArms(metric('conversion', { direction: 'must-not-rise', margin: 0.01 }), arms)
    expect(rise.difference).toBe(-0.2)
  })

  it('a test gets moments whose signs are such that worse is higher', () => {
    const arms = { baseline: arm({ metrics: { conversion: half } }), canary: arm({ metrics: { conversion: less } }) }
    const { moments } = compareArms(metric('conversion', { direction: 'must-not-fall', margin: 0.01 }), arms)
    expect(moments).toEqual({
      baseline: { count: 1000, sum: -500, sumOfSquares: 500 },
      canary: { count: 100, sum: -30, sumOfSquares: 30 },
    })
  })

  it('a metric that was never recorded has no data', () => {
    const arms = { baseline: arm({ requests: 100 }), canary: arm({ requests: 100 }) }
    expect(compareArms(metric('conversion', { direction: 'must-not-fall', margin: 0.01 }), arms)).toMatchObject({
      baseline: null,
      canary: null,
      difference: null,
      samples: { baseline: 0, canary: 0 },
    })
  })
})
