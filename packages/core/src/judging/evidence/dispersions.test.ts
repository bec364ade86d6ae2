import { describe, expect, it } from 'vitest'
import type { ArmStory } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { thresholdsOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import type { Clusters } from '../../summaries/clusters.js'
import { historySummaryOf } from './baseline-history.js'
import { dispersionOf, type Noise } from './dispersions.js'
import { historyOf, ordinary, policy } from './evidence.fixture.js'

/** The dispersions after some windows of the baseline. */
function dispersionsAfter(
  guardrails: readonly Guardrail[],
  story: (window: number) => ArmStory,
  {
    windows = 60,
    thresholds,
    ...rest
  }: Partial<Noise> & { readonly windows?: number; readonly thresholds?: null } = {},
): readonly number[] {
  const baselineHistory = historyOf(guardrails, windows, story)
  const noise = { baselineHistory, clusters: null, unit: 'request', ...rest } as const
  return guardrails.map((guardrail) => {
    const known = thresholds === null ? null : thresholdsOf(guardrail, historySummaryOf(baselineHistory))
    return dispersionOf(guardrail, known, noise, policy)
  })
}

/** Alternately so many errors and so many. Of 900 requests, their variance is 2·900·p(1 − p) a pair. */
const alternating =
  (few: number, many: number) =>
  (window: number): ArmStory => ({ ...ordinary, errors: window % 2 === 0 ? few : many })

/** Places of 1,000 requests each: what they sum up to goes by the place. */
function clustersOf(rest: Partial<Clusters>): Clusters {
  const thousand = Array.from({ length: 64 }, () => 1_000)
  const none = thousand.map(() => 0)
  const counts = { finished: thousand, answered: thousand, predicted: thousand, latencyMs: thousand.map(() => 110_000) }
  return { ...counts, errors: none, timeouts: none, aborted: none, predictions: [], ...rest }
}

/** In every eighth place so many, and nothing elsewhere. */
const inEveryEighth = (sum: number) => Array.from({ length: 64 }, (_, place) => (place % 8 === 0 ? sum : 0))

describe('a dispersion', () => {
  it('below 1.5 is attributed to chance', () => {
    expect(dispersionsAfter([errorRate()], alternating(6, 10))).toEqual([1]) // 16/15.86 = 1.01
    expect(dispersionsAfter([errorRate()], alternating(9, 9))).toEqual([1]) // 0
  })

  it('above 1.5 is used as it is', () => {
    const [errors] = dispersionsAfter([errorRate()], alternating(5, 10))
    expect(errors).toBeCloseTo(1.68, 2) // 25/14.88
  })

  it('is that of its own guardrail', () => {
    const guardrails = [errorRate(), latency(), tailLatency(), predictionShift()]
    expect(dispersionsAfter(guardrails, alternating(0, 16))).toEqual([expect.closeTo(16.14, 1), 1, 1, 1])
  })

  it('of predictions is the largest over their classes', () => {
    const story = (window: number): ArmStory => {
      const eel = window % 2 === 0 ? 60 : 100
      return { ...ordinary, predictions: { cat: 500, dog: 300 - eel, eel } }
    }
    // eels 80 of 800: 40²/(2·800·.1·.9) = 11.11; dogs 220 of 800: 40²/(2·800·.275·.725) = 5.02; cats 0
    expect(dispersionsAfter([predictionShift()], story)).toEqual([expect.closeTo(11.11, 1)])
  })

  it('of mean latency goes by the variance of the latencies', () => {
    const story = (window: number): ArmStory => ({ ...ordinary, slow: [window % 2 === 0 ? 60 : 100, 200] })
    // a slow one more is 100 ms more: the same as of a share, 40²/(2·900·.0889·.9111)
    expect(dispersionsAfter([latency()], story)).toEqual([expect.closeTo(10.97, 1)])
  })
})

describe('a short history', () => {
  it('of fewer than 40 windows counts as noisy', () => {
    expect(dispersionsAfter([errorRate()], alternating(9, 9), { windows: 39 })).toEqual([3])
    expect(dispersionsAfter([errorRate()], alternating(9, 9), { windows: 40 })).toEqual([1])
    expect(dispersionsAfter([errorRate()], alternating(9, 9), { windows: 0 })).toEqual([3])
  })

  it('that is noisier counts as noisy as it is', () => {
    expect(dispersionsAfter([errorRate()], alternating(0, 16), { windows: 38 })).toEqual([expect.closeTo(16.14, 1)])
  })

  it('of fewer than ten pairs gives no dispersion', () => {
    expect(dispersionsAfter([errorRate()], alternating(0, 16), { windows: 10 })).toEqual([3])
    expect(dispersionsAfter([errorRate()], alternating(0, 16), { windows: 11 })[0]).toBeGreaterThan(15)
  })

  it('has no effect on a guardrail without hypotheses', () => {
    expect(dispersionsAfter([tailLatency()], alternating(9, 9), { thresholds: null })).toEqual([1])
    expect(dispersionsAfter([tailLatency()], alternating(9, 9), { thresholds: null, windows: 5 })).toEqual([1])
  })

  it('counts the windows of the hypothesis itself, which are those with data for it', () => {
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.1 })
    const since = (first: number) => (window: number) => (window < first ? { requests: 900 } : ordinary)
    const after = (first: number) => dispersionsAfter([errorRate(), conversion], since(first))
    expect(after(20)).toEqual([1, 1]) // of 60 windows 40
    expect(after(21)).toEqual([1, 3])
    expect(after(60)).toEqual([1, 3]) // nobody has recorded it
  })
})

describe('users who differ from each other', () => {
  // 80 of 1,000 in eight places and none in the others: χ²/63 = (8·70² + 56·10²)/(1000·.01·.99)/63 = 71.83
  const errors = clustersOf({ errors: inEveryEighth(80) })

  it('count if users are split', () => {
    expect(dispersionsAfter([errorRate()], alternating(9, 9), { clusters: errors, unit: 'key' })).toEqual([
      expect.closeTo(71.83, 1),
    ])
  })

  it('do not count if requests are split', () => {
    expect(dispersionsAfter([errorRate()], alternating(9, 9), { clusters: errors, unit: 'request' })).toEqual([1])
  })

  it('are told apart by what the guardrail counts', () => {
    const cats = clustersOf({ predictions: [['cat', inEveryEighth(1_000).map((sum) => sum || 571)]] })
    const slow = clustersOf({ latencyMs: inEveryEighth(200_000).map((sum) => sum || 97_000) })
    const guardrails = [errorRate(), latency(), predictionShift()]
    const after = (clusters: Clusters) => dispersionsAfter(guardrails, alternating(9, 9), { clusters, unit: 'key' })
    expect(after(errors).map((phi) => phi > 1)).toEqual([true, false, false])
    expect(after(slow).map((phi) => phi > 1)).toEqual([false, true, false])
    expect(after(cats).map((phi) => phi > 1)).toEqual([false, false, true])
  })

  it('do not temper a tail by their mean latency, which says nothing about its share', () => {
    const slow = clustersOf({ latencyMs: inEveryEighth(200_000).map((sum) => sum || 97_000) })
    const after = (guardrail: Guardrail) =>
      dispersionsAfter([guardrail], alternating(9, 9), { clusters: slow, unit: 'key' })
    expect(after(latency())[0]).toBeGreaterThan(10)
    expect(after(tailLatency())).toEqual([1])
  })

  it('are not seen in a few endless requests that fall on them by chance', () => {
    // one in a thousand takes 30 s: 0, 1 or 2 of them in a place, one on average
    const outliers = (place: number) => [0, 1, 1, 2, 1, 0, 2, 1][place % 8]!
    const endless = clustersOf({ latencyMs: inEveryEighth(0).map((_, place) => 110_000 + 30_000 * outliers(place)) })
    const story = (): ArmStory => ({ ...ordinary, slow: [1, 30_000] })
    expect(dispersionsAfter([latency()], story, { clusters: endless, unit: 'key' })).toEqual([1])
  })

  it('that are all alike change nothing', () => {
    const alike = clustersOf({ errors: inEveryEighth(0).map((_, place) => 8 + (place % 5)) })
    expect(dispersionsAfter([errorRate()], alternating(9, 9), { clusters: alike, unit: 'key' })).toEqual([1])
  })
})
