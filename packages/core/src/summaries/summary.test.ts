import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Moments, noMoments } from '../statistics/moments.js'
import { BIN_COUNT } from './histogram.js'
import { readSummary } from './read-summary.js'
import { SCORE_BIN_COUNT } from './score-bins.js'
import {
  abortRateOf,
  answeredOf,
  emptySummary,
  endedOf,
  errorRateOf,
  finishedOf,
  mergeSummaries,
  type Summary,
  scoreBinsOf,
  subtractSummaries,
  timeoutRateOf,
} from './summary.js'
import { flawOfSummary } from './summary-flaw.js'

const some: Summary = {
  ...emptySummary(),
  begun: 12,
  outcomes: { success: 6, error: 1, timeout: 1, aborted: 2, rejected: 3, ignored: 4 },
  answers: { decided: 10, unanswered: 3, ended: 2, leftEarly: 1 },
  rejections: { callers: 7, rejected: 2 },
  latencyUs: { count: 8, sum: 800, sumOfSquares: 80_000 },
  latencyBins: [[100, 8]],
  predictions: {
    labels: [
      ['negative', 2],
      ['positive', 3],
    ],
    other: 1,
  },
  metrics: [['clicked', { count: 2, sum: 1, sumOfSquares: 1 }]],
}

describe('the rates of a summary', () => {
  it('count a timeout as an error and leave the aborted flights out', () => {
    expect(errorRateOf(some)).toBe(0.25)
    expect(timeoutRateOf(some)).toBe(0.125)
    expect(answeredOf(some)).toBe(8)
  })

  it('set the aborted flights against all that finished', () => {
    expect(abortRateOf(some)).toBe(0.2)
    expect(endedOf(some)).toBe(10)
    expect(finishedOf(some)).toBe(17)
  })

  it('are undefined without data, never 0', () => {
    const rates = [errorRateOf, timeoutRateOf, abortRateOf].map((rateOf) => rateOf(emptySummary()))
    expect(rates).toEqual([undefined, undefined, undefined])
  })
})

describe('subtractSummaries', () => {
  it('gives the block, with the pending flights of now', () => {
    const now: Summary = {
      ...some,
      begun: 15,
      outcomes: { success: 8, error: 1, timeout: 1, aborted: 2, rejected: 5, ignored: 4 },
      answers: { decided: 14, unanswered: 5, ended: 3, leftEarly: 1 },
      rejections: { callers: 9, rejected: 3 },
      pendingBins: [[300, 1]],
      predictions: {
        labels: [
          ['negative', 2],
          ['neutral', 1],
          ['positive', 4],
        ],
        other: 1,
      },
    }
    expect(subtractSummaries(now, { ...some, pendingBins: [[200, 9]] })).toEqual({
      ...emptySummary(),
      begun: 3,
      outcomes: { success: 2, error: 0, timeout: 0, aborted: 0, rejected: 2, ignored: 0 },
      answers: { decided: 4, unanswered: 2, ended: 1, leftEarly: 0 },
      rejections: { callers: 2, rejected: 1 },
      pendingBins: [[300, 1]],
      predictions: {
        labels: [
          ['neutral', 1],
          ['positive', 1],
        ],
        other: 0,
      },
    })
  })

  it.each<[string, Partial<Summary>]>([
    ['begun', { begun: 11 }],
    ['an outcome', { outcomes: { success: 9, error: 0, timeout: 1, aborted: 2, rejected: 0, ignored: 0 } }],
    ['the latency count', { latencyUs: { count: 7, sum: 900, sumOfSquares: 90_000 } }],
    ['a bin', { latencyBins: [[101, 9]] }],
    ['a label', { predictions: { labels: [['positive', 9]], other: 1 } }],
    ['other', { predictions: { ...some.predictions, other: 0 } }],
    ['a metric', { metrics: [] }],
  ])('sees by %s that the source was reset', (_, change) => {
    expect(subtractSummaries({ ...some, ...change }, some)).toBeUndefined()
  })

  it('sees by the score that the source was reset', () => {
    expect(subtractSummaries(some, { ...some, score: { count: 1, sum: 1, sumOfSquares: 1 } })).toBeUndefined()
  })
})

describe('the bins of scores', () => {
  const sums = (count: number) => ({ count, sum: count, sumOfSquares: count })
  const binned: Summary = { ...emptySummary(), score: sums(3), scoreBins: [[1_500, 3]] }
  const bare: Summary = { ...emptySummary(), score: sums(2) }

  it('are added and subtracted, and left out if there are none', () => {
    const more: Summary = {
      ...binned,
      score: sums(5),
      scoreBins: [
        [1_500, 3],
        [1_600, 2],
      ],
    }
    expect(mergeSummaries(binned, binned).scoreBins).toEqual([[1_500, 6]])
    expect(mergeSummaries(emptySummary(), binned).scoreBins).toEqual([[1_500, 3]])
    expect(subtractSummaries(more, binned)?.scoreBins).toEqual([[1_600, 2]])
    expect('scoreBins' in mergeSummaries(emptySummary(), emptySummary())).toBe(false)
    expect('scoreBins' in subtractSummaries(binned, binned)!).toBe(false)
    expect(subtractSummaries({ ...more, scoreBins: [[1_600, 5]] }, binned)).toBeUndefined()
  })

  it('are unknown in a sum with scores whose bins are unknown', () => {
    expect(scoreBinsOf(bare)).toBeUndefined()
    expect(scoreBinsOf(emptySummary())).toEqual([])
    expect(scoreBinsOf(mergeSummaries(binned, bare))).toBeUndefined()
    expect(subtractSummaries({ ...binned, score: sums(9) }, bare)).toMatchObject({ score: sums(7) })
    expect(scoreBinsOf(subtractSummaries({ ...binned, score: sums(9) }, bare)!)).toBeUndefined()
  })

  it('are read, and refused beyond the last', () => {
    expect(readSummary(binned)).toEqual(binned)
    expect(readSummary(bare)).toEqual(bare)
    expect(() => readSummary({ ...binned, scoreBins: [[SCORE_BIN_COUNT, 1]] })).toThrow('scoreBins')
    expect(flawOfSummary('canary', { ...binned, scoreBins: {} })).toMatch(/^canary\.scoreBins must be an array/)
    expect(flawOfSummary('canary', binned)).toBeUndefined()
  })
})

describe('readSummary', () => {
  it('puts tables into canonical order', () => {
    const shuffled = {
      ...some,
      latencyBins: [
        [9, 1],
        [2, 1],
        [10, 1],
      ],
      predictions: {
        labels: [
          ['a', 1],
          ['Z', 1],
          ['__proto__', 1],
        ],
        other: 0,
      },
    }
    const read = readSummary(shuffled)
    expect(read.latencyBins.map(([bin]) => bin)).toEqual([2, 9, 10])
    expect(read.predictions.labels.map(([label]) => label)).toEqual(['Z', '__proto__', 'a'])
  })

  it('leaves unknown members behind', () => {
    const poisoned: unknown = JSON.parse(`{ "__proto__": { "begun": 9 }, "extra": 1, ${JSON.stringify(some).slice(1)}`)
    expect(readSummary(poisoned)).toStrictEqual(some)
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['an array', []],
    ['a text', '{}'],
    ['an empty object', {}],
    ['a negative count', { ...some, begun: -1 }],
    ['a fraction as a count', { ...some, begun: 0.5 }],
    ['a count beyond exact integers', { ...some, begun: 2 ** 53 }],
    ['a missing outcome', { ...some, outcomes: { success: 1, error: 1, timeout: 1 } }],
    ['a sum that is no number', { ...some, score: { count: 1, sum: null, sumOfSquares: 1 } }],
    ['a negative sum of squares', { ...some, score: { count: 1, sum: 1, sumOfSquares: -1 } }],
    ['a bin beyond the last', { ...some, latencyBins: [[BIN_COUNT, 1]] }],
    ['a bin that comes twice', { ...some, latencyBins: [...some.latencyBins, ...some.latencyBins] }],
    ['an empty bin', { ...some, pendingBins: [[1, 0]] }],
    ['a triple', { ...some, pendingBins: [[1, 1, 1]] }],
    ['bins by name', { ...some, latencyBins: { 1: 1 } }],
    ['a label that is no text', { ...some, predictions: { labels: [[1, 1]], other: 0 } }],
    ['a label of 65 characters', { ...some, predictions: { labels: [['x'.repeat(65), 1]], other: 0 } }],
  ])('refuses %s', (_, value) => {
    expect(() => readSummary(value)).toThrow(expect.objectContaining({ code: 'INVALID_SUMMARY' }))
  })

  it('names the member that cannot be read', () => {
    expect(() => readSummary({ ...some, metrics: [['clicked', { count: '2' }]] })).toThrow(
      'metrics[0][1].count must be a count, got "2"',
    )
  })
})

describe('properties', () => {
  const count = fc.nat(1_000_000)
  const positive = fc.integer({ min: 1, max: 1_000_000 })
  const label = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'other'), fc.string({ maxLength: 3 }))
  const moments: fc.Arbitrary<Moments> = fc
    .record({ count: fc.nat(50), sum: fc.integer({ min: -1e9, max: 1e9 }), sumOfSquares: fc.nat(1e12) })
    .map((some) => (some.count === 0 ? noMoments : some))
  const bins = table(fc.nat(BIN_COUNT - 1), positive)
  const summaries: fc.Arbitrary<Summary> = fc.record({
    begun: count,
    outcomes: fc.record({
      success: count,
      error: count,
      timeout: count,
      aborted: count,
      rejected: count,
      ignored: count,
    }),
    answers: fc.record({ decided: count, unanswered: count, ended: count, leftEarly: count }),
    rejections: fc.record({ callers: count, rejected: count }),
    blockedUs: moments,
    latencyUs: moments,
    latencyBins: bins,
    pendingBins: bins,
    predictions: fc.record({ labels: table(label, positive), other: count }),
    score: moments,
    metrics: table(
      label,
      moments.map((some) => ({ ...some, count: some.count + 1 })),
    ),
  })

  function table<Key extends string | number, Value>(keys: fc.Arbitrary<Key>, values: fc.Arbitrary<Value>) {
    return fc
      .uniqueArray(fc.tuple(keys, values), { selector: ([key]) => key, maxLength: 8 })
      .map((pairs) => pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  it('merging is commutative', () => {
    fc.assert(
      fc.property(summaries, summaries, (a, b) => {
        expect(mergeSummaries(a, b)).toEqual(mergeSummaries(b, a))
      }),
    )
  })

  it('merging is associative', () => {
    fc.assert(
      fc.property(summaries, summaries, summaries, (a, b, c) => {
        expect(mergeSummaries(mergeSummaries(a, b), c)).toEqual(mergeSummaries(a, mergeSummaries(b, c)))
      }),
    )
  })

  it('merging with nothing changes nothing', () => {
    fc.assert(
      fc.property(summaries, (a) => {
        expect(mergeSummaries(a, emptySummary())).toEqual(a)
      }),
    )
  })

  it('subtracting undoes merging', () => {
    fc.assert(
      fc.property(summaries, summaries, (a, b) => {
        const merged = mergeSummaries(a, b)
        expect(subtractSummaries(merged, b)).toEqual({ ...a, pendingBins: merged.pendingBins })
      }),
    )
  })

  it('JSON gives back exactly what was written', () => {
    fc.assert(
      fc.property(summaries, (a) => {
        expect(readSummary(JSON.parse(JSON.stringify(a)))).toEqual(a)
      }),
    )
  })
})
