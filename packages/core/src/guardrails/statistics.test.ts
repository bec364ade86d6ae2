import { describe, expect, it } from 'vitest'
import { yes } from '../judging/evidence/evidence.fixture.js'
import { binOf } from '../summaries/histogram.js'
import type { Strata } from '../summaries/strata.js'
import { predictionCount } from '../summaries/summary.js'
import { arm, constants } from './arm.fixture.js'
import type { Guardrail } from './guardrail.js'
import type { Statistic } from './hypothesis.js'
import { hypothesesOf } from './kind-of.js'
import { abortRate } from './kinds/abort-rate.js'
import { errorRate } from './kinds/error-rate.js'
import { latencyUpTo } from './kinds/latency.js'
import { meanOfMetric } from './kinds/metric.js'
import { shareOfClass, shareOfOthers } from './kinds/prediction-shift.js'
import { rejectedRate } from './kinds/rejected-rate.js'
import { meanScore } from './kinds/score-shift.js'
import { hungFrom, tailFrom } from './kinds/tail-latency.js'
import { timeoutRate } from './kinds/timeout-rate.js'
import { unansweredRate } from './kinds/unanswered-rate.js'

const bin = (ms: number): number => binOf(ms * 1_000)
const statisticOf = (guardrail: Guardrail) => hypothesesOf(guardrail, {})[0]!.statistic
const [errors, timeouts, aborts] = [errorRate(), timeoutRate(), abortRate()].map(statisticOf) as [
  Statistic,
  Statistic,
  Statistic,
]

describe('the sufficient statistics of finished flights', () => {
  const failing = arm({ requests: 90, errors: 6, timeouts: 3, aborted: 10 })

  it('errors: errors and timeouts among the answered, without clients that hung up', () => {
    expect(errors.momentsOf(failing)).toEqual(yes(9, 90))
  })

  it('timeouts: timeouts alone among the answered', () => {
    expect(timeouts.momentsOf(failing)).toEqual(yes(3, 90))
  })

  it('aborts: the aborted among all that finished', () => {
    expect(aborts.momentsOf(failing)).toEqual(yes(10, 100))
  })

  it('tail: latencies in the bin of the threshold or above, without aborted flights', () => {
    const slow = arm({ requests: 100, slow: [7, 300], aborted: 5 })
    expect(tailFrom(bin(300)).momentsOf(slow)).toEqual(yes(7, 100))
    expect(tailFrom(bin(300) + 1).momentsOf(slow)).toEqual(yes(0, 100))
    expect(tailFrom(bin(100)).momentsOf(slow)).toEqual(yes(100, 100))
  })

  it('hung flights: those that hung before they ended, without aborted flights', () => {
    const late = arm({ requests: 20, slow: [4, 30_000], aborted: 5 })
    expect(hungFrom(bin(30_000)).momentsOf(late)).toEqual(yes(4, 20))
    expect(hungFrom(bin(30_000) + 1).momentsOf(late)).toEqual(yes(0, 20))
  })

  it('latency: its mean, with longer latencies counted as the cap', () => {
    const { count, sum, sumOfSquares } = latencyUpTo(300).momentsOf(arm({ requests: 10, slow: [1, 30_000] }))
    expect(count).toBe(10)
    expect(sum / (9 * 100 + 300)).toBeCloseTo(1, 2) // bins know a duration to 1 %
    expect(sumOfSquares / (9 * 100 ** 2 + 300 ** 2)).toBeCloseTo(1, 2)
  })

  it('scores and metrics: their moments; empty for a metric that was never recorded', () => {
    const score = constants([4, 0.25], [2, 0.75])
    const price = constants([3, -12.5])
    const summary = arm({ requests: 6, score, metrics: { price } })
    expect(meanScore.momentsOf(summary)).toEqual(score)
    expect(meanOfMetric('price').momentsOf(summary)).toEqual(price)
    expect(meanOfMetric('cost').momentsOf(summary)).toEqual({ count: 0, sum: 0, sumOfSquares: 0 })
  })
})

describe('the sufficient statistics of predictions', () => {
  const summary = arm({ predictions: { cat: 50, dog: 30, rare: 1 }, otherPredictions: 19 })

  it('a class: its share of all predictions, including those without a kept label', () => {
    expect(predictionCount(summary.predictions)).toBe(100)
    expect(shareOfClass('dog').momentsOf(summary)).toEqual(yes(30, 100))
    expect(shareOfClass('fish').momentsOf(summary)).toEqual(yes(0, 100))
  })

  it('other classes: all that are not listed', () => {
    expect(shareOfOthers(['cat', 'dog']).momentsOf(summary)).toEqual(yes(20, 100))
    expect(shareOfOthers(['cat', 'dog', 'fish']).momentsOf(summary)).toEqual(yes(20, 100))
    expect(shareOfOthers([]).momentsOf(summary)).toEqual(yes(100, 100))
  })

  it.each(['__proto__', 'constructor', 'toString', ''])('treat the label %j like any other', (label) => {
    const odd = arm({ predictions: { cat: 3, [label]: 7 } })
    expect(shareOfClass(label).momentsOf(odd)).toEqual(yes(7, 10))
    expect(shareOfClass(label).momentsOf(summary)).toEqual(yes(0, 100))
    expect(shareOfOthers([label]).momentsOf(odd)).toEqual(yes(3, 10))
  })

  it('are empty without predictions', () => {
    expect(shareOfClass('cat').momentsOf(arm({ requests: 9 }))).toEqual(yes(0, 0))
    expect(shareOfOthers(['cat']).momentsOf(arm({ requests: 9 }))).toEqual(yes(0, 0))
  })
})

describe('the counts and sums by user', () => {
  const counts = {
    finished: [30, 40],
    answered: [20, 30],
    errors: [3, 0],
    timeouts: [1, 0],
    aborted: [10, 10],
    decided: [25, 35],
    unanswered: [2, 1],
    latencyMs: [2_000, 3_100],
    predictions: [
      ['cat', [8, 5]],
      ['dog', [1, 9]],
    ],
    predicted: [12, 20],
  } as const
  const strata: Strata = {
    ...counts,
    form: { capMs: 300, tailBins: [bin(200)], classes: ['cat', 'dog'], metrics: ['price'] },
    callers: [7, 8],
    rejected: [1, 0],
    beyond: [[bin(200), [4, 5]]],
    score: [
      [9, 8],
      [4.5, 2],
    ],
    metrics: [
      [
        'price',
        [
          [3, 2],
          [-12.5, 7],
        ],
      ],
    ],
  }
  const rejections = statisticOf(rejectedRate())
  const unanswered = statisticOf(unansweredRate())

  it.each<[string, Statistic, readonly unknown[]]>([
    ['errors', errors, [counts.answered, counts.errors]],
    ['timeouts', timeouts, [counts.answered, counts.timeouts]],
    ['aborts', aborts, [counts.finished, counts.aborted]],
    ['unanswered calls', unanswered, [counts.decided, counts.unanswered]],
    ['latency', latencyUpTo(300), [counts.answered, counts.latencyMs]],
    ['a class', shareOfClass('cat'), [counts.predicted, [8, 5]]],
    ['other classes', shareOfOthers(['dog']), [counts.predicted, [11, 11]]],
  ])('of %s are those of clusters and of strata', (_, { byUser }, expected) => {
    expect(byUser?.sumsOf(counts)).toEqual(expected)
    expect(byUser?.sumsOf(strata)).toEqual(expected)
  })

  it.each<[string, Statistic, readonly unknown[]]>([
    ['rejections', rejections, [strata.callers, strata.rejected]],
    ['a tail', tailFrom(bin(200)), [counts.answered, [4, 5]]],
    ['scores', meanScore, strata.score],
    [
      'a metric',
      meanOfMetric('price'),
      [
        [3, 2],
        [-12.5, 7],
      ],
    ],
  ])('of %s are in strata only', (_, { byUser }, expected) => {
    expect(byUser?.sumsOf(strata)).toEqual(expected)
    expect(byUser?.sumsOf(counts)).toBeUndefined()
  })

  it.each<[string, Statistic]>([
    ['another cap', latencyUpTo(301)],
    ['another tail', tailFrom(bin(200) + 1)],
    ['another class', shareOfClass('fish')],
    ['a list with another class', shareOfOthers(['cat', 'fish'])],
    ['another metric', meanOfMetric('cost')],
  ])('cannot be had for %s', (_, { byUser }) => {
    expect(byUser?.sumsOf(strata)).toBeUndefined()
  })

  it('of hung flights are not kept', () => {
    expect(hungFrom(bin(200)).byUser).toBeUndefined()
  })
})

describe('pending flights', () => {
  const hanging = arm({ requests: 5, pending: [3, 400] })

  it('are hits of a tail, and of hung flights, once they are old enough', () => {
    for (const from of [tailFrom, hungFrom]) {
      expect(from(bin(400)).pendingHitsOf?.(hanging)).toBe(3)
      expect(from(bin(400) + 1).pendingHitsOf?.(hanging)).toBe(0)
    }
  })

  it('do not count for any other hypothesis', () => {
    for (const statistic of [errors, latencyUpTo(300), shareOfClass('cat')])
      expect(statistic.pendingHitsOf).toBeUndefined()
  })
})
