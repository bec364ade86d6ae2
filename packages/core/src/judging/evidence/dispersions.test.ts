import { describe, expect, it } from 'vitest'
import type { ArmStory } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { noMoments } from '../../statistics/moments.js'
import type { Clusters } from '../../summaries/clusters.js'
import { historySummaryOf } from './baseline-history.js'
import { withDispersions } from './dispersions.js'
import { historyOf, ordinary, policy } from './evidence.fixture.js'
import { startHypothesis } from './hypothesis-state.js'
import { pastDispersionOf } from './past-dispersion.js'
import { alikeUsers, type UserDifference } from './user-offsets.js'
import { type Dispersion, noDispersion } from './window-noise.js'

interface Told {
  readonly windows?: number
  readonly thresholds?: null
  readonly clusters?: Clusters | null
  /** The counts by user before the rollout. */
  readonly before?: Clusters | null
  /** How the users of the arms differ. */
  readonly users?: UserDifference | null
  readonly isSmallArm?: boolean
}

/** The dispersions at the start of a rollout after some windows of the baseline. */
function dispersionsAfter(
  guardrails: readonly Guardrail[],
  story: (window: number) => ArmStory,
  { windows = 60, thresholds, clusters = null, before = null, users: difference = null, isSmallArm = false }: Told = {},
): readonly Dispersion[] {
  const baselineHistory = historyOf(guardrails, windows, story)
  return guardrails.map((guardrail) => {
    const known = thresholds === null ? null : thresholdsOf(guardrail, historySummaryOf(baselineHistory))
    const hypotheses = hypothesesOf(guardrail, known).map((hypothesis) => ({
      ...startHypothesis(hypothesis, noMoments, pastDispersionOf(hypothesis, baselineHistory, policy)),
      users: difference,
    }))
    const users = clusters && { clusters, before, history: historySummaryOf(baselineHistory), isSmallArm }
    const [first] = withDispersions(guardrail, { thresholds: known, hypotheses }, users)
    return first?.dispersion ?? noDispersion
  })
}

/** The whole dispersions of `dispersionsAfter`. */
const wholeAfter = (...given: Parameters<typeof dispersionsAfter>): readonly number[] =>
  dispersionsAfter(...given).map(({ whole }) => whole)

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
    expect(wholeAfter([errorRate()], alternating(6, 10))).toEqual([1]) // 16/15.86 = 1.01
    expect(wholeAfter([errorRate()], alternating(9, 9))).toEqual([1]) // 0
  })

  it('above 1.5 is used as it is', () => {
    const [errors] = wholeAfter([errorRate()], alternating(5, 10))
    expect(errors).toBeCloseTo(1.68, 2) // 25/14.88
  })

  it('is that of its own guardrail', () => {
    const guardrails = [errorRate(), latency(), tailLatency(), predictionShift()]
    expect(wholeAfter(guardrails, alternating(0, 16))).toEqual([expect.closeTo(16.14, 1), 1, 1, 1])
  })

  it('of predictions is the largest over their classes', () => {
    const story = (window: number): ArmStory => {
      const eel = window % 2 === 0 ? 60 : 100
      return { ...ordinary, predictions: { cat: 500, dog: 300 - eel, eel } }
    }
    // eels 80 of 800: 40²/(2·800·.1·.9) = 11.11; dogs 220 of 800: 40²/(2·800·.275·.725) = 5.02; cats 0
    expect(wholeAfter([predictionShift()], story)).toEqual([expect.closeTo(11.11, 1)])
  })

  it('of mean latency goes by the variance of the latencies', () => {
    const story = (window: number): ArmStory => ({ ...ordinary, slow: [window % 2 === 0 ? 60 : 100, 200] })
    // a slow one more is 100 ms more: the same as of a share, 40²/(2·900·.0889·.9111)
    expect(wholeAfter([latency()], story)).toEqual([expect.closeTo(10.97, 1)])
  })
})

describe('a short history', () => {
  it('of fewer than 20 windows counts as noisy', () => {
    expect(wholeAfter([errorRate()], alternating(9, 9), { windows: 19 })).toEqual([3])
    expect(wholeAfter([errorRate()], alternating(9, 9), { windows: 20 })).toEqual([1])
    expect(wholeAfter([errorRate()], alternating(9, 9), { windows: 0 })).toEqual([3])
  })

  it('that is noisier counts as noisy as it is', () => {
    expect(wholeAfter([errorRate()], alternating(0, 16), { windows: 18 })).toEqual([expect.closeTo(16.14, 1)])
  })

  it('of fewer than ten pairs gives no dispersion', () => {
    expect(wholeAfter([errorRate()], alternating(0, 16), { windows: 10 })).toEqual([3])
    expect(wholeAfter([errorRate()], alternating(0, 16), { windows: 11 })[0]).toBeGreaterThan(15)
  })

  it('has no effect on a guardrail without hypotheses', () => {
    expect(wholeAfter([tailLatency()], alternating(9, 9), { thresholds: null })).toEqual([1])
    expect(wholeAfter([tailLatency()], alternating(9, 9), { thresholds: null, windows: 5 })).toEqual([1])
  })

  it('counts the windows of the hypothesis itself, which are those with data for it', () => {
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.1 })
    const since = (first: number) => (window: number) => (window < first ? { requests: 900 } : ordinary)
    const after = (first: number) => wholeAfter([errorRate(), conversion], since(first))
    expect(after(40)).toEqual([1, 1]) // of 60 windows 20
    expect(after(41)).toEqual([1, 3])
    expect(after(60)).toEqual([1, 3]) // nobody has recorded it
  })
})

describe('users who differ from each other', () => {
  // 80 of 1,000 in eight places and none in the others: χ²/63 = (8·70² + 56·10²)/(1000·.01·.99)/63 = 71.83
  const errors = clustersOf({ errors: inEveryEighth(80) })

  it('count if users are split', () => {
    expect(wholeAfter([errorRate()], alternating(9, 9), { clusters: errors })).toEqual([expect.closeTo(71.83, 1)])
  })

  it('are told apart by what the guardrail counts', () => {
    const cats = clustersOf({ predictions: [['cat', inEveryEighth(1_000).map((sum) => sum || 571)]] })
    const slow = clustersOf({ latencyMs: inEveryEighth(200_000).map((sum) => sum || 97_000) })
    const guardrails = [errorRate(), latency(), predictionShift()]
    const after = (clusters: Clusters) => wholeAfter(guardrails, alternating(9, 9), { clusters })
    expect(after(errors).map((phi) => phi > 1)).toEqual([true, false, false])
    expect(after(slow).map((phi) => phi > 1)).toEqual([false, true, false])
    expect(after(cats).map((phi) => phi > 1)).toEqual([false, false, true])
  })

  it('do not count as noise if their difference is known', () => {
    expect(wholeAfter([errorRate()], alternating(9, 9), { clusters: errors, users: alikeUsers })).toEqual([1])
  })

  it('do not temper a tail by their mean latency, which says nothing about its share', () => {
    const slow = clustersOf({ latencyMs: inEveryEighth(200_000).map((sum) => sum || 97_000) })
    const after = (guardrail: Guardrail) => wholeAfter([guardrail], alternating(9, 9), { clusters: slow })
    expect(after(latency())[0]).toBeGreaterThan(10)
    expect(after(tailLatency())).toEqual([1])
  })

  it('are not seen in a few endless requests that fall on them by chance', () => {
    // one in a thousand takes 30 s: 0, 1 or 2 of them in a place, one on average
    const outliers = (place: number) => [0, 1, 1, 2, 1, 0, 2, 1][place % 8]!
    const endless = clustersOf({ latencyMs: inEveryEighth(0).map((_, place) => 110_000 + 30_000 * outliers(place)) })
    const story = (): ArmStory => ({ ...ordinary, slow: [1, 30_000] })
    expect(wholeAfter([latency()], story, { clusters: endless })).toEqual([1])
  })

  it('that are all alike change nothing', () => {
    const alike = clustersOf({ errors: inEveryEighth(0).map((_, place) => 8 + (place % 5)) })
    expect(wholeAfter([errorRate()], alternating(9, 9), { clusters: alike })).toEqual([1])
  })

  it('count by the part of the requests that came in this rollout, however long the process has been up', () => {
    const scaled = (factor: number) =>
      clustersOf({ errors: inEveryEighth(80 * factor), answered: inEveryEighth(0).map(() => 1_000 * factor) })
    const rest = { clusters: scaled(1), before: null }
    const [young] = wholeAfter([errorRate()], alternating(9, 9), rest)
    const [old] = wholeAfter([errorRate()], alternating(9, 9), { clusters: scaled(10), before: scaled(9) })
    expect(young).toBeCloseTo(71.83, 1)
    expect(old! - 1).toBeCloseTo(71.8, 0) // a tenth of 718
    expect(wholeAfter([errorRate()], alternating(9, 9), { clusters: scaled(10), before: scaled(10) })).toEqual([1])
    const small = { clusters: scaled(10), before: scaled(9), isSmallArm: true }
    expect(wholeAfter([errorRate()], alternating(9, 9), small)[0]).toBeGreaterThan(700) // of a small arm all of it
    const restarted = { clusters: scaled(1), before: scaled(9) } // another process has counted before
    expect(wholeAfter([errorRate()], alternating(9, 9), restarted)).toEqual([young])
  })
})

describe('an incident in the past', () => {
  const incident = (window: number): ArmStory => ({
    ...ordinary,
    errors: window === 30 ? 300 : window % 2 === 0 ? 8 : 10,
  })

  it('counts in the whole dispersion, and hardly in the trimmed one', () => {
    const [errors] = dispersionsAfter([errorRate()], incident)
    expect(errors!.whole).toBeGreaterThan(50)
    expect(errors!.trimmed).toBe(1)
  })

  it('of which fewer than 20 pairs are known is not left out', () => {
    const [errors] = dispersionsAfter([errorRate()], (window) => incident(window + 20), { windows: 20 })
    expect(errors!.trimmed).toBe(errors!.whole)
  })
})
