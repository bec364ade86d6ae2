import { describe, expect, it } from 'vitest'
import { arm, constants } from '../../guardrails/arm.fixture.js'
import { binOf } from '../../summaries/histogram.js'
import { predictionCount } from '../../summaries/summary.js'
import { yes } from './evidence.fixture.js'
import { tallyOf, underWayOf } from './tally.js'

const bin = (ms: number): number => binOf(ms * 1_000)

describe('what finished flights say', () => {
  const failing = arm({ requests: 90, errors: 6, timeouts: 3, aborted: 10 })

  it('of errors: errors and timeouts among the answered, whoever hung up', () => {
    expect(tallyOf({ kind: 'errorRate' }, failing)).toEqual(yes(9, 90))
  })

  it('of timeouts: timeouts alone among the answered', () => {
    expect(tallyOf({ kind: 'timeoutRate' }, failing)).toEqual(yes(3, 90))
  })

  it('of hang-ups: the aborted among all that finished', () => {
    expect(tallyOf({ kind: 'abortRate' }, failing)).toEqual(yes(10, 100))
  })

  it('of a tail: latencies in the bin of the threshold or above it, aborted flights left out', () => {
    const slow = arm({ requests: 100, slow: [7, 300], aborted: 5 })
    expect(tallyOf({ kind: 'tail', bin: bin(300) }, slow)).toEqual(yes(7, 100))
    expect(tallyOf({ kind: 'tail', bin: bin(300) + 1 }, slow)).toEqual(yes(0, 100))
    expect(tallyOf({ kind: 'tail', bin: bin(100) }, slow)).toEqual(yes(100, 100))
  })

  it('of hung flights: those that hung before they ended, aborted flights left out', () => {
    const late = arm({ requests: 20, slow: [4, 30_000], aborted: 5 })
    expect(tallyOf({ kind: 'hung', bin: bin(30_000) }, late)).toEqual(yes(4, 20))
    expect(tallyOf({ kind: 'hung', bin: bin(30_000) + 1 }, late)).toEqual(yes(0, 20))
  })

  it('of latency: its mean with what is longer counted as the cap', () => {
    const { count, sum, sumOfSquares } = tallyOf(
      { kind: 'latency', capMs: 300 },
      arm({ requests: 10, slow: [1, 30_000] }),
    )
    expect(count).toBe(10)
    expect(sum / (9 * 100 + 300)).toBeCloseTo(1, 2) // bins know a duration to 1 %
    expect(sumOfSquares / (9 * 100 ** 2 + 300 ** 2)).toBeCloseTo(1, 2)
  })

  it('of scores and metrics: their moments as they are, and nothing of a metric that nobody recorded', () => {
    const score = constants([4, 0.25], [2, 0.75])
    const price = constants([3, -12.5])
    const summary = arm({ requests: 6, score, metrics: { price } })
    expect(tallyOf({ kind: 'score' }, summary)).toEqual(score)
    expect(tallyOf({ kind: 'metric', metric: 'price' }, summary)).toEqual(price)
    expect(tallyOf({ kind: 'metric', metric: 'cost' }, summary)).toEqual({ count: 0, sum: 0, sumOfSquares: 0 })
  })
})

describe('what predictions say', () => {
  const summary = arm({ predictions: { cat: 50, dog: 30, rare: 1 }, otherPredictions: 19 })

  it('of a class: its share of all predictions, also of those without a label of their own', () => {
    expect(predictionCount(summary.predictions)).toBe(100)
    expect(tallyOf({ kind: 'class', label: 'dog' }, summary)).toEqual(yes(30, 100))
    expect(tallyOf({ kind: 'class', label: 'fish' }, summary)).toEqual(yes(0, 100))
  })

  it('of other classes: all that is not listed', () => {
    expect(tallyOf({ kind: 'other-classes', labels: ['cat', 'dog'] }, summary)).toEqual(yes(20, 100))
    expect(tallyOf({ kind: 'other-classes', labels: ['cat', 'dog', 'fish'] }, summary)).toEqual(yes(20, 100))
    expect(tallyOf({ kind: 'other-classes', labels: [] }, summary)).toEqual(yes(100, 100))
  })

  it.each(['__proto__', 'constructor', 'toString', ''])('take the label %j for a label like any other', (label) => {
    const odd = arm({ predictions: { cat: 3, [label]: 7 } })
    expect(tallyOf({ kind: 'class', label }, odd)).toEqual(yes(7, 10))
    expect(tallyOf({ kind: 'class', label }, summary)).toEqual(yes(0, 100))
    expect(tallyOf({ kind: 'other-classes', labels: [label] }, odd)).toEqual(yes(3, 10))
  })

  it('that were never made say nothing', () => {
    expect(tallyOf({ kind: 'class', label: 'cat' }, arm({ requests: 9 }))).toEqual(yes(0, 0))
    expect(tallyOf({ kind: 'other-classes', labels: ['cat'] }, arm({ requests: 9 }))).toEqual(yes(0, 0))
  })
})

describe('flights under way', () => {
  const hanging = arm({ requests: 5, pending: [3, 400] })

  it('say yes to a tail, and to hung flights, once they are old enough', () => {
    for (const kind of ['tail', 'hung'] as const) {
      expect(underWayOf({ kind, bin: bin(400) }, hanging)).toBe(3)
      expect(underWayOf({ kind, bin: bin(400) + 1 }, hanging)).toBe(0)
    }
  })

  it('say nothing to any other question', () => {
    expect(underWayOf({ kind: 'errorRate' }, hanging)).toBe(0)
    expect(underWayOf({ kind: 'latency', capMs: 300 }, hanging)).toBe(0)
    expect(underWayOf({ kind: 'class', label: 'cat' }, hanging)).toBe(0)
  })
})
