import { describe, expect, it } from 'vitest'
import { LIMIT_ALTERNATIVES, LOSS_ALTERNATIVES, RATE_ALTERNATIVES } from '../statistics/alternatives.js'
import { scoreBinOf } from '../summaries/score-bins.js'
import { arm } from './arm.fixture.js'
import type { Guardrail } from './guardrail.js'
import type { Thresholds } from './guardrail-kind.js'
import { hypothesesOf } from './kind-of.js'
import { abortRate } from './kinds/abort-rate.js'
import { errorRate } from './kinds/error-rate.js'
import { latency } from './kinds/latency.js'
import { metric } from './kinds/metric.js'
import { predictionShift } from './kinds/prediction-shift.js'
import { scoreShift } from './kinds/score-shift.js'
import { tailLatency } from './kinds/tail-latency.js'
import { timeoutRate } from './kinds/timeout-rate.js'

/** What the figure of a rate is called. */
const NAMES = { errorRate: 'error rate', timeoutRate: 'timeout rate', abortRate: 'abort rate' } as const

const NONE: Thresholds = {}
const TAIL: Thresholds = { bin: 700, hungBin: 900, margin: 0.008 }
const CAPPED: Thresholds = { capMs: 600 }
const classes = (...labels: readonly string[]): Thresholds => ({ labels, shares: labels.map(() => 1 / labels.length) })

describe('a guardrail that waits for its thresholds', () => {
  it('has no hypotheses yet', () => {
    expect(hypothesesOf(tailLatency(), null)).toEqual([])
  })
})

describe('a rate', () => {
  it.each([errorRate, timeoutRate, abortRate])('tests whether its share rises by the margin, at any time', (make) => {
    const guardrail = make({ margin: 0.03 })
    expect(hypothesesOf(guardrail, NONE)).toMatchObject([
      {
        id: guardrail.kind,
        form: 'share',
        statistic: { name: NAMES[guardrail.kind] },
        sides: ['rise'],
        margin: 0.03,
        limit: null,
        priorShare: 0.01,
        part: 1,
        tested: 'always',
      },
    ])
  })

  it('tests a limit as a separate hypothesis, with a fifth of the evidence', () => {
    expect(hypothesesOf(errorRate({ limit: 0.1 }), NONE)).toMatchObject([
      { id: 'errorRate', limit: null, part: 0.8, alternatives: RATE_ALTERNATIVES },
      {
        id: 'errorRate\u0001limit',
        limit: 0.1,
        part: 0.2,
        statistic: { name: 'error rate' },
        alternatives: LIMIT_ALTERNATIVES,
        tested: 'always',
      },
    ])
  })

  it('may have a limit of 0', () => {
    expect(hypothesesOf(errorRate({ limit: 0 }), NONE)).toHaveLength(2)
  })
})

describe('mean latency', () => {
  it('tests the capped mean, and not while the canary is cold', () => {
    expect(hypothesesOf(latency({ marginMs: 50 }), CAPPED)).toMatchObject([
      {
        form: 'mean',
        statistic: { name: 'mean latency', cap: 600 },
        sides: ['rise'],
        margin: 50,
        part: 1,
        tested: 'after warm-up',
      },
    ])
  })

  it('tests a limit as a separate hypothesis, and not while the canary is cold', () => {
    expect(hypothesesOf(latency({ limitMs: 400 }), CAPPED)).toMatchObject([
      { limit: null, part: 0.8 },
      {
        id: 'latency\u0001limit',
        form: 'mean',
        limit: 400,
        part: 0.2,
        alternatives: LIMIT_ALTERNATIVES,
        tested: 'after warm-up',
      },
    ])
  })

  it('is compared with a limit at a cap of three limits, or at the cap of the comparison if that is higher', () => {
    const capsAt = (limitMs: number) => hypothesesOf(latency({ limitMs }), CAPPED).map(({ statistic }) => statistic.cap)
    expect(capsAt(199)).toEqual([600, 600])
    expect(capsAt(700)).toEqual([600, 2_100])
  })
})

describe('tail latency', () => {
  it('tests the share beyond its threshold, and hung flights while the canary is cold', () => {
    expect(hypothesesOf(tailLatency({ quantile: 0.99 }), TAIL)).toMatchObject([
      {
        id: 'tailLatency',
        statistic: { name: 'share of requests over 63.5 ms' },
        margin: 0.008,
        part: 0.8,
        tested: 'after warm-up',
      },
      {
        id: 'tailLatency\u0001hung',
        statistic: { name: 'share of requests over 557 ms' },
        part: 0.2,
        tested: 'warm-up',
      },
    ])
  })

  it('expects half of 1 − q before the first block', () => {
    for (const { priorShare } of hypothesesOf(tailLatency({ quantile: 0.9 }), TAIL))
      expect(priorShare).toBeCloseTo(0.05, 12)
  })

  it('tests with a limit whether more than 1 − q of the canary lies beyond it', () => {
    const [tail, hung, limit] = hypothesesOf(tailLatency({ quantile: 0.95, limitMs: 400 }), TAIL)
    expect([tail?.part, hung?.part, limit?.part]).toEqual([
      expect.closeTo(0.64, 12),
      expect.closeTo(0.16, 12),
      expect.closeTo(0.2, 12),
    ])
    expect(limit).toMatchObject({
      id: 'tailLatency\u0001limit',
      form: 'share',
      statistic: { name: 'share of requests over 397 ms' },
      limit: expect.closeTo(0.05, 12),
      alternatives: LIMIT_ALTERNATIVES,
      tested: 'after warm-up',
    })
  })
})

describe('predictions', () => {
  it('test for every class whether its share moves, up or down, and for all others together', () => {
    const hypotheses = hypothesesOf(predictionShift({ margin: 0.1 }), classes('cat', 'dog', 'eel'))
    expect(hypotheses.map(({ id }) => id)).toEqual([
      'predictionShift\u0001class\u0001cat',
      'predictionShift\u0001class\u0001dog',
      'predictionShift\u0001class\u0001eel',
      'predictionShift\u0001others',
      'predictionShift\u0001total',
    ])
    const single = hypotheses.slice(0, -1)
    for (const hypothesis of single) {
      expect(hypothesis).toMatchObject({ form: 'share', sides: ['rise', 'fall'], margin: 0.1, tested: 'always' })
    }
    const predictions = { ant: 4, cat: 1, dog: 2, eel: 3 }
    expect(single.map(({ statistic }) => statistic.momentsOf(arm({ predictions })).sum)).toEqual([1, 2, 3, 4])
  })

  it('leave a tenth of the evidence to the others, and share the rest evenly', () => {
    const alone = predictionShift({ totalMargin: false })
    const parts = hypothesesOf(alone, classes('cat', 'dog', 'eel')).map(({ part }) => part)
    expect(parts).toEqual([0.3, 0.3, 0.3, 0.1].map((part) => expect.closeTo(part, 12)))
  })

  it('leave three fifths of the evidence to all classes together', () => {
    const hypotheses = hypothesesOf(predictionShift({ totalMargin: 0.3 }), classes('cat', 'dog', 'eel'))
    const parts = hypotheses.map(({ part }) => part)
    expect(parts).toEqual([0.12, 0.12, 0.12, 0.04, 0.6].map((part) => expect.closeTo(part, 12)))
    expect(hypotheses.at(-1)).toMatchObject({ sides: ['rise'], margin: 0.3, limit: null, isHarmOnly: true })
    const summary = arm({ predictions: { ant: 4, cat: 1, dog: 2, eel: 3 }, otherPredictions: 5 })
    expect(hypotheses.at(-1)!.classes!.countsOf(summary)).toEqual([1, 2, 3, 9])
    expect(hypotheses.at(-1)!.classes!.names).toEqual(['"cat"', '"dog"', '"eel"', 'all other classes'])
  })

  it('test of a class that is rarer than the margin whether it loses half of its share, instead of its fall', () => {
    const labels = { labels: ['cat', 'dog', 'eel'], shares: [0.861, 0.1, 0.03] }
    const hypotheses = hypothesesOf(predictionShift({ margin: 0.1, totalMargin: false }), labels)
    const tested = hypotheses.map(({ id, sides, margin, part }) => [id.split('\u0001').at(-1), sides, margin, part])
    expect(tested).toEqual([
      ['cat', ['rise', 'fall'], 0.1, expect.closeTo(0.3, 12)],
      ['dog', ['rise', 'fall'], 0.1, expect.closeTo(0.3, 12)],
      ['eel', ['rise'], 0.1, expect.closeTo(0.3 / 4, 12)],
      ['eel', ['fall'], 0.015, expect.closeTo(0.3 * 0.75, 12)],
      ['others', ['rise', 'fall'], 0.1, expect.closeTo(0.1, 12)],
    ])
    expect(hypotheses.map(({ noise }) => noise)).toEqual([undefined, undefined, undefined, 'shared', 'shared'])
    expect(hypotheses[3]).toMatchObject({ priorShare: 0.03, isHarmOnly: true, alternatives: LOSS_ALTERNATIVES })
    expect(hypotheses[3]!.statistic.momentsOf(arm({ predictions: { cat: 9, eel: 1 } }))).toMatchObject({
      count: 10,
      sum: 1,
    })
  })

  it('leave two fifths of the classes’ evidence to those below 2 %, whose noise is that of the others', () => {
    const labels = { labels: ['cat', 'dog', 'eel', 'fox', 'gnu'], shares: [0.561, 0.4, 0.019, 0.01, 0.01] }
    const hypotheses = hypothesesOf(predictionShift({ totalMargin: false }), labels).filter(({ id }) =>
      id.includes('class'),
    )
    expect(hypotheses.map(({ part }) => part / 0.9)).toEqual(
      [0.3, 0.3, 0.4 / 12, 0.4 / 12, 0.4 / 12].map((part) => expect.closeTo(part, 12)),
    )
    expect(hypotheses.map(({ noise }) => noise)).toEqual([undefined, undefined, 'shared', 'shared', 'shared'])
  })

  it('test the rare one of two classes', () => {
    const ids = hypothesesOf(predictionShift(), { labels: ['cat', 'dog'], shares: [0.99, 0.01] }).map(({ id }) => id)
    expect(ids).toEqual(['class\u0001dog', 'loss\u0001dog', 'others'].map((id) => `predictionShift\u0001${id}`))
  })

  it('of fewer than three classes do not test the total, unless less is accepted of it than of a class', () => {
    const withTotal = (totalMargin: number, ...labels: readonly string[]) =>
      hypothesesOf(predictionShift({ margin: 0.1, totalMargin }), classes(...labels)).some(({ classes }) => classes)
    expect([withTotal(0.1, 'cat', 'dog'), withTotal(0.05, 'cat', 'dog')]).toEqual([false, true])
    expect([withTotal(0.1), withTotal(0.05), withTotal(0.4, 'cat', 'dog', 'eel')]).toEqual([false, false, true])
  })

  it('test one of two classes, which the other mirrors', () => {
    const hypotheses = hypothesesOf(predictionShift(), classes('cat', 'dog'))
    expect(hypotheses.map(({ id, part }) => [id, part])).toEqual([
      ['predictionShift\u0001class\u0001cat', 0.9],
      ['predictionShift\u0001others', 0.1],
    ])
  })

  it('test all classes together if none is large enough', () => {
    expect(hypothesesOf(predictionShift(), classes())).toMatchObject([{ id: 'predictionShift\u0001others', part: 1 }])
  })

  it('expect an even share of each class, and a small share of the others', () => {
    expect(hypothesesOf(predictionShift(), classes('a', 'b', 'c', 'd')).map(({ priorShare }) => priorShare)).toEqual([
      0.25, 0.25, 0.25, 0.25, 0.01, 0.5,
    ])
    expect(hypothesesOf(predictionShift(), classes('a')).map(({ priorShare }) => priorShare)).toEqual([0.5, 0.01])
  })
})

describe('scores and metrics', () => {
  it('test whether the mean of a score moves, up or down', () => {
    expect(hypothesesOf(scoreShift({ margin: 0.05, totalMargin: false }), NONE)).toMatchObject([
      {
        form: 'mean',
        statistic: { name: 'mean score' },
        sides: ['rise', 'fall'],
        margin: 0.05,
        part: 1,
        tested: 'always',
      },
    ])
  })

  it('test the distribution of a score once its classes are known, and leave half of the evidence to it until then', () => {
    const guardrail = scoreShift({ margin: 0.05 })
    for (const thresholds of [NONE, { classes: 'unknown' }, { classes: 'narrow' }]) {
      expect(hypothesesOf(guardrail, thresholds)).toMatchObject([{ id: 'scoreShift', form: 'mean', part: 0.5 }])
    }
    const edges = [scoreBinOf(0.25), scoreBinOf(0.5)]
    const [mean, total, ...rest] = hypothesesOf(guardrail, { classes: { edges, margin: 0.2 } })
    expect([mean?.part, rest]).toEqual([0.5, []])
    expect(total).toMatchObject({ id: 'scoreShift\u0001total', form: 'share', sides: ['rise'], margin: 0.2, part: 0.5 })
    expect(total?.classes?.names).toEqual(['scores below 0.25', 'scores from 0.25 to 0.5', 'scores from 0.5'])
    expect(total?.classes?.countsOf(arm({ scores: [0.1, 0.3, 0.4, 0.9, 0.95] }))).toEqual([1, 2, 2])
    expect(total?.classes?.countsOf(arm({ score: { count: 9, sum: 4, sumOfSquares: 3 } }))).toEqual([0, 0, 0])
  })

  it.each([
    ['must-not-fall', 'fall'],
    ['must-not-rise', 'rise'],
  ] as const)('of a metric that %s ask about its %s alone', (direction, side) => {
    expect(hypothesesOf(metric('price', { direction, margin: 2 }), NONE)).toMatchObject([
      { form: 'mean', statistic: { name: 'price' }, sides: [side], margin: 2, part: 1 },
    ])
  })

  it('test the limit of a metric as a separate hypothesis, on the same side, also below zero', () => {
    const hypotheses = hypothesesOf(metric('profit', { direction: 'must-not-fall', margin: 2, limit: -5 }), NONE)
    expect(hypotheses).toMatchObject([
      { limit: null, part: 0.8 },
      { id: 'profit\u0001limit', limit: -5, sides: ['fall'], part: 0.2, alternatives: LIMIT_ALTERNATIVES },
    ])
  })
})

describe('all hypotheses of a guardrail', () => {
  const all: readonly (readonly [Guardrail, Thresholds])[] = [
    [errorRate({ limit: 0.1 }), NONE],
    [latency({ limitMs: 400 }), CAPPED],
    [tailLatency({ limitMs: 900 }), TAIL],
    [predictionShift(), classes()],
    [predictionShift(), classes('cat', 'dog')],
    [predictionShift(), classes('__proto__', 'constructor', 'limit')],
    [predictionShift({ totalMargin: false }), classes('cat', 'dog', 'eel')],
    [predictionShift({ totalMargin: 0.05 }), classes('cat')],
    [predictionShift(), { labels: ['cat', 'loss', 'class'], shares: [0.9, 0.05, 0.02] }],
    [predictionShift(), classes('', 'others', 'class', '\u0001others')],
    [scoreShift({ margin: 1, totalMargin: false }), NONE],
    [scoreShift({ margin: 1 }), { classes: { edges: [1_400, 1_500], margin: 0.1 } }],
    [metric('price', { direction: 'must-not-rise', margin: 1, limit: 9 }), NONE],
  ]

  it.each(all)('of $kind have parts that sum to 1, and different ids', (guardrail, thresholds) => {
    const hypotheses = hypothesesOf(guardrail, { ...thresholds })
    expect(hypotheses.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 12)
    expect(new Set(hypotheses.map(({ id }) => id)).size).toBe(hypotheses.length)
  })

  it('expect a share between 0 and 1, exclusive', () => {
    for (const { form, priorShare } of all.flatMap(([guardrail, thresholds]) =>
      hypothesesOf(guardrail, { ...thresholds }),
    )) {
      if (form === 'share') expect(priorShare > 0 && priorShare < 1).toBe(true)
    }
  })

  it('are the same for the same thresholds, also after a round trip through JSON', () => {
    const guardrail = tailLatency()
    expect(hypothesesOf(guardrail, TAIL)).toBe(hypothesesOf(guardrail, TAIL))
    const read = hypothesesOf(guardrail, JSON.parse(JSON.stringify(TAIL)))
    expect(JSON.stringify(read)).toBe(JSON.stringify(hypothesesOf(guardrail, TAIL)))
  })
})
