import { describe, expect, it } from 'vitest'
import { abortRate } from '../../guardrails/abort-rate.js'
import { errorRate } from '../../guardrails/error-rate.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { latency } from '../../guardrails/latency.js'
import { metric } from '../../guardrails/metric.js'
import { predictionShift } from '../../guardrails/prediction-shift.js'
import { scoreShift } from '../../guardrails/score-shift.js'
import { tailLatency } from '../../guardrails/tail-latency.js'
import { timeoutRate } from '../../guardrails/timeout-rate.js'
import { LIMIT_HARMS, RATE_HARMS } from '../../statistics/alternatives.js'
import { binOf } from '../../summaries/histogram.js'
import type { Frozen } from './freeze.js'
import { questionsOf } from './questions.js'

const NONE: Frozen = { kind: 'none' }
const TAIL: Frozen = { kind: 'tail', bin: 700, hungBin: 900, margin: 0.008 }
const CAPPED: Frozen = { kind: 'latency', capMs: 600 }
const classes = (...labels: readonly string[]): Frozen => ({ kind: 'classes', labels })

describe('a guardrail that waits for its thresholds', () => {
  it('asks nothing yet', () => {
    expect(questionsOf(tailLatency(), null)).toEqual([])
  })
})

describe('a rate', () => {
  it.each([errorRate, timeoutRate, abortRate])('asks whether its share rises by the margin, at any time', (make) => {
    const guardrail = make({ margin: 0.03 })
    expect(questionsOf(guardrail, NONE)).toMatchObject([
      {
        id: guardrail.kind,
        form: 'share',
        subject: { kind: guardrail.kind },
        sides: ['rise'],
        margin: 0.03,
        limit: null,
        prior: 0.01,
        weight: 1,
        asked: 'always',
      },
    ])
  })

  it('with a limit asks about it on its own, with a fifth of the evidence', () => {
    expect(questionsOf(errorRate({ limit: 0.1 }), NONE)).toMatchObject([
      { id: 'errorRate', limit: null, weight: 0.8, harms: RATE_HARMS },
      {
        id: 'errorRate\u0001limit',
        limit: 0.1,
        weight: 0.2,
        subject: { kind: 'errorRate' },
        harms: LIMIT_HARMS,
        asked: 'always',
      },
    ])
  })

  it('may have a limit of nothing at all', () => {
    expect(questionsOf(errorRate({ limit: 0 }), NONE)).toHaveLength(2)
  })
})

describe('mean latency', () => {
  it('asks about the capped mean, and not while the canary is cold', () => {
    expect(questionsOf(latency({ marginMs: 50 }), CAPPED)).toMatchObject([
      {
        form: 'mean',
        subject: { kind: 'latency', capMs: 600 },
        sides: ['rise'],
        margin: 50,
        weight: 1,
        asked: 'after warm-up',
      },
    ])
  })

  it('with a limit asks about it on its own, not while the canary is cold either', () => {
    expect(questionsOf(latency({ limitMs: 400 }), CAPPED)).toMatchObject([
      { limit: null, weight: 0.8 },
      {
        id: 'latency\u0001limit',
        form: 'mean',
        limit: 400,
        weight: 0.2,
        harms: LIMIT_HARMS,
        asked: 'after warm-up',
      },
    ])
  })

  it('is held against a limit with latencies capped at three limits, or at what the comparison caps them', () => {
    const capsAt = (limitMs: number) =>
      questionsOf(latency({ limitMs }), CAPPED).map(({ subject }) => subject.kind === 'latency' && subject.capMs)
    expect(capsAt(199)).toEqual([600, 600])
    expect(capsAt(700)).toEqual([600, 2_100])
  })
})

describe('tail latency', () => {
  it('asks about the share beyond its threshold, and about hung flights while the canary is cold', () => {
    expect(questionsOf(tailLatency({ quantile: 0.99 }), TAIL)).toMatchObject([
      { id: 'tailLatency', subject: { kind: 'tail', bin: 700 }, margin: 0.008, weight: 0.8, asked: 'after warm-up' },
      { id: 'tailLatency\u0001hung', subject: { kind: 'hung', bin: 900 }, weight: 0.2, asked: 'warm-up' },
    ])
  })

  it('expects half of what its quantile leaves before anything has been seen', () => {
    for (const { prior } of questionsOf(tailLatency({ quantile: 0.9 }), TAIL)) expect(prior).toBeCloseTo(0.05, 12)
  })

  it('with a limit asks whether more than 1 − q of the canary lies beyond it', () => {
    const [tail, hung, limit] = questionsOf(tailLatency({ quantile: 0.95, limitMs: 400 }), TAIL)
    expect([tail?.weight, hung?.weight, limit?.weight]).toEqual([
      expect.closeTo(0.64, 12),
      expect.closeTo(0.16, 12),
      expect.closeTo(0.2, 12),
    ])
    expect(limit).toMatchObject({
      id: 'tailLatency\u0001limit',
      form: 'share',
      subject: { kind: 'tail', bin: binOf(400_000) },
      limit: expect.closeTo(0.05, 12),
      harms: LIMIT_HARMS,
      asked: 'after warm-up',
    })
  })
})

describe('predictions', () => {
  it('ask of every class whether its share moves, up or down, and of all others together', () => {
    const questions = questionsOf(predictionShift({ margin: 0.1 }), classes('cat', 'dog', 'eel'))
    expect(questions.map(({ id }) => id)).toEqual([
      'predictionShift\u0001class\u0001cat',
      'predictionShift\u0001class\u0001dog',
      'predictionShift\u0001class\u0001eel',
      'predictionShift\u0001others',
    ])
    for (const question of questions) {
      expect(question).toMatchObject({ form: 'share', sides: ['rise', 'fall'], margin: 0.1, asked: 'always' })
    }
    expect(questions.at(-1)).toMatchObject({ subject: { kind: 'other-classes', labels: ['cat', 'dog', 'eel'] } })
  })

  it('leave a tenth of the evidence to the others, and share the rest evenly', () => {
    const weights = questionsOf(predictionShift(), classes('cat', 'dog', 'eel')).map(({ weight }) => weight)
    expect(weights).toEqual([0.3, 0.3, 0.3, 0.1].map((weight) => expect.closeTo(weight, 12)))
  })

  it('of two classes ask about one, which the other mirrors', () => {
    const questions = questionsOf(predictionShift(), classes('cat', 'dog'))
    expect(questions.map(({ id, weight }) => [id, weight])).toEqual([
      ['predictionShift\u0001class\u0001cat', 0.9],
      ['predictionShift\u0001others', 0.1],
    ])
  })

  it('of no class that is large enough ask about all together', () => {
    expect(questionsOf(predictionShift(), classes())).toMatchObject([{ id: 'predictionShift\u0001others', weight: 1 }])
  })

  it('expect an even share of each class, and next to nothing of the others', () => {
    expect(questionsOf(predictionShift(), classes('a', 'b', 'c', 'd')).map(({ prior }) => prior)).toEqual([
      0.25, 0.25, 0.25, 0.25, 0.01,
    ])
    expect(questionsOf(predictionShift(), classes('a')).map(({ prior }) => prior)).toEqual([0.5, 0.01])
  })
})

describe('scores and metrics', () => {
  it('of a score ask whether its mean moves, up or down', () => {
    expect(questionsOf(scoreShift({ margin: 0.05 }), NONE)).toMatchObject([
      { form: 'mean', subject: { kind: 'score' }, sides: ['rise', 'fall'], margin: 0.05, weight: 1, asked: 'always' },
    ])
  })

  it.each([
    ['must-not-fall', 'fall'],
    ['must-not-rise', 'rise'],
  ] as const)('of a metric that %s ask about its %s alone', (direction, side) => {
    expect(questionsOf(metric('price', { direction, margin: 2 }), NONE)).toMatchObject([
      { form: 'mean', subject: { kind: 'metric', metric: 'price' }, sides: [side], margin: 2, weight: 1 },
    ])
  })

  it('of a metric with a limit ask about it on its own, on the same side, below zero too', () => {
    const questions = questionsOf(metric('profit', { direction: 'must-not-fall', margin: 2, limit: -5 }), NONE)
    expect(questions).toMatchObject([
      { limit: null, weight: 0.8 },
      { id: 'profit\u0001limit', limit: -5, sides: ['fall'], weight: 0.2, harms: LIMIT_HARMS },
    ])
  })
})

describe('all questions of a guardrail', () => {
  const all: readonly (readonly [Guardrail, Frozen])[] = [
    [errorRate({ limit: 0.1 }), NONE],
    [latency({ limitMs: 400 }), CAPPED],
    [tailLatency({ limitMs: 900 }), TAIL],
    [predictionShift(), classes()],
    [predictionShift(), classes('cat', 'dog')],
    [predictionShift(), classes('__proto__', 'constructor', 'limit')],
    [predictionShift(), classes('', 'others', 'class', '\u0001others')],
    [scoreShift({ margin: 1 }), NONE],
    [metric('price', { direction: 'must-not-rise', margin: 1, limit: 9 }), NONE],
  ]

  it.each(all)(
    'of $kind share its evidence: their parts sum to 1, and each has a name of its own',
    (guardrail, frozen) => {
      const questions = questionsOf(guardrail, { ...frozen })
      expect(questions.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
      expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length)
    },
  )

  it('expect neither never nor always of a share', () => {
    for (const { form, prior } of all.flatMap(([guardrail, frozen]) => questionsOf(guardrail, { ...frozen }))) {
      if (form === 'share') expect(prior > 0 && prior < 1).toBe(true)
    }
  })

  it('are the same as long as the thresholds stand, also after these went through JSON', () => {
    const guardrail = tailLatency()
    expect(questionsOf(guardrail, TAIL)).toBe(questionsOf(guardrail, TAIL))
    expect(questionsOf(guardrail, JSON.parse(JSON.stringify(TAIL)))).toEqual(questionsOf(guardrail, TAIL))
  })
})
