import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BIN_COUNT, binLow, binOf, quantileUs } from '../summaries/histogram.js'
import { emptySummary } from '../summaries/summary.js'
import { type ArmStory, arm } from './arm.fixture.js'
import { thresholdsOf } from './kind-of.js'
import { abortRate } from './kinds/abort-rate.js'
import { errorRate } from './kinds/error-rate.js'
import { latency } from './kinds/latency.js'
import { metric } from './kinds/metric.js'
import { predictionShift, predictionShiftKind } from './kinds/prediction-shift.js'
import { scoreShift } from './kinds/score-shift.js'
import { type TailLatencyOptions, tailLatency, tailLatencyKind, thresholdMs } from './kinds/tail-latency.js'
import { timeoutRate } from './kinds/timeout-rate.js'

function tailOf(options: TailLatencyOptions, story: ArmStory) {
  const thresholds = tailLatencyKind.thresholdsOf(tailLatency(options), arm(story))
  if (thresholds === null) throw new Error('no threshold was found')
  return thresholds
}

describe('the threshold of a tail', () => {
  it('is the ratio times the baseline’s quantile, up to the next edge of a bin', () => {
    // 100 ms lie in the bin from 99.328 to 100.352 ms, whose middle times 1.5 is 149.759 ms: the next edge is 74·2048 µs
    expect(thresholdMs(tailOf({}, { requests: 1_000 }).bin)).toBe(151.552)
  })

  it('is the least rise beyond the quantile if that is more', () => {
    // 1 ms lies between 1.000 and 1.008 ms: 11.0035 ms, and 86·128 µs is the next edge
    expect(thresholdMs(tailOf({}, { requests: 1_000, latencyMs: 1 }).bin)).toBe(11.008)
  })

  it('follows the quantile that is watched', () => {
    const story = { requests: 100, slow: [6, 400] } as const
    const p95 = tailOf({ quantile: 0.95 }, story)
    const p90 = tailOf({ quantile: 0.9 }, story)
    expect(binLow(p95.bin) / 400_000).toBeCloseTo(1.5, 1)
    expect(binLow(p90.bin) / 100_000).toBeCloseTo(1.5, 1)
  })

  it('is at most the last bin, which has no upper end', () => {
    expect(tailOf({ ratio: 1e9 }, { requests: 100 }).bin).toBe(BIN_COUNT - 1)
    expect(tailOf({}, { requests: 100, latencyMs: 1e9 }).bin).toBe(BIN_COUNT - 1)
  })

  it('is the first edge that is not below what is asked for', () => {
    const options = fc.record({
      quantile: fc.constantFrom(0.5, 0.9, 0.95, 0.99),
      ratio: fc.double({ min: 1, max: 5, noNaN: true }),
      minIncreaseMs: fc.double({ min: 0, max: 100, noNaN: true }),
    })
    fc.assert(
      fc.property(options, fc.integer({ min: 1, max: 5_000 }), (options, latencyMs) => {
        const bins = arm({ requests: 100, latencyMs }).latencyBins
        const quantile = quantileUs(bins, options.quantile)!
        const wanted = Math.max(options.ratio * quantile, quantile + options.minIncreaseMs * 1_000)
        const { bin } = tailOf(options, { requests: 100, latencyMs })
        expect(binLow(bin)).toBeGreaterThanOrEqual(wanted)
        expect(binLow(bin - 1)).toBeLessThan(wanted)
      }),
    )
  })
})

describe('the margin of a tail', () => {
  it('is (1 − q) − P(baseline is beyond the threshold)', () => {
    expect(tailOf({}, { requests: 1_000 }).margin).toBeCloseTo(0.01, 12)
    expect(tailOf({}, { requests: 1_000, slow: [4, 400] }).margin).toBeCloseTo(0.006, 12)
  })

  it('is at least a quarter of 1 − q', () => {
    expect(tailOf({}, { requests: 1_000, slow: [9, 400] }).margin).toBeCloseTo(0.0025, 12)
    expect(tailOf({ quantile: 0.9 }, { requests: 1_000, slow: [99, 400] }).margin).toBeCloseTo(0.025, 12)
  })
})

describe('a hung flight', () => {
  it('has run ten times as long as the baseline’s p99, whichever quantile is watched', () => {
    expect(tailOf({ quantile: 0.5 }, { requests: 1_000, slow: [20, 300] }).hungBin).toBe(binOf(10 * 301_055.5))
  })

  it('is one of the tail too', () => {
    const { bin, hungBin } = tailOf({ ratio: 20 }, { requests: 1_000 })
    expect(hungBin).toBe(bin)
  })
})

describe('the cap of mean latency', () => {
  it('is three times the baseline’s p99', () => {
    expect(thresholdsOf(latency(), arm({ requests: 1_000, slow: [11, 200] }))).toEqual({ capMs: 599.0385 })
  })

  it('leaves room for three margins beyond the p99, so that a breach of a fast model is visible', () => {
    expect(thresholdsOf(latency(), arm({ requests: 10, latencyMs: 0 }))).toEqual({ capMs: 150 })
    expect(thresholdsOf(latency({ marginMs: 1_000 }), arm({ requests: 1_000, slow: [11, 200] }))).toMatchObject({
      capMs: expect.closeTo(599.0385 / 3 + 3_000, 3),
    })
  })

  it('is at least a millisecond', () => {
    expect(thresholdsOf(latency({ marginMs: 0.1 }), arm({ requests: 10, latencyMs: 0 }))).toMatchObject({ capMs: 1 })
  })
})

describe('the classes', () => {
  const thresholdsAfter = (predictions: Record<string, number>, otherPredictions = 0) =>
    predictionShiftKind.thresholdsOf(predictionShift(), arm({ predictions, otherPredictions }))
  const labelsOf = (...counts: Parameters<typeof thresholdsAfter>) => thresholdsAfter(...counts)?.labels

  it('are those with .4 % of the predictions or more, the most frequent first', () => {
    expect(labelsOf({ bird: 4, cat: 500, dog: 493, eel: 3 })).toEqual(['cat', 'dog', 'bird'])
  })

  it('have a share of all predictions, including those without a kept label', () => {
    expect(labelsOf({ cat: 4 }, 996)).toEqual(['cat'])
    expect(labelsOf({ cat: 4 }, 997)).toEqual([])
  })

  it('have the shares that the history shows', () => {
    expect(thresholdsAfter({ cat: 30, dog: 60 }, 10)?.shares).toEqual([0.6, 0.3])
  })

  it('of one frequency are in the order of their names', () => {
    expect(labelsOf({ dog: 5, cat: 5, ant: 5 })).toEqual(['ant', 'cat', 'dog'])
  })

  it('may have any names', () => {
    expect(labelsOf({ ['__proto__']: 6, constructor: 4 })).toEqual(['__proto__', 'constructor'])
  })
})

describe('a baseline without data', () => {
  it('gives no thresholds', () => {
    for (const guardrail of [tailLatency(), latency(), predictionShift()]) {
      expect(thresholdsOf(guardrail, emptySummary())).toBeNull()
    }
  })

  it('does not matter to a guardrail that takes nothing from it', () => {
    const rest = [metric('conversion', { direction: 'must-not-fall', margin: 0.01 }), scoreShift({ margin: 0.1 })]
    for (const guardrail of [errorRate(), timeoutRate(), abortRate(), ...rest]) {
      expect(thresholdsOf(guardrail, emptySummary())).toEqual({})
    }
  })
})
