import { describe, expect, it } from 'vitest'
import type { ArmStory } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { abortRate } from '../../guardrails/kinds/abort-rate.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { timeoutRate } from '../../guardrails/kinds/timeout-rate.js'
import { evidenceJudge } from '../evidence-judge.js'
import type { Check } from '../judge.js'
import { logCombinedEvidence, logHarm, partsOf } from './combined-evidence.js'
import {
  alike,
  blockOf,
  contextOf,
  evidenceOf,
  harmBy,
  historyOf,
  ordinary,
  policy,
  withStates,
} from './evidence.fixture.js'
import { beginEvidence } from './evidence.js'

const close = (...numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 12))

describe('the parts of the evidence', () => {
  const p99 = tailLatency({ name: 'p99' })
  const p95 = tailLatency({ name: 'p95', quantile: 0.95 })

  it('of the five usual guardrails are .35, .20, .20, .15 and .10', () => {
    expect(partsOf([errorRate(), p99, predictionShift(), latency(), p95])).toEqual(close(0.35, 0.2, 0.2, 0.15, 0.1))
  })

  it('sum to 1 over those that are in use', () => {
    expect(partsOf([errorRate(), latency()])).toEqual(close(0.7, 0.3))
    expect(partsOf([p95])).toEqual([1])
    const others = [timeoutRate(), abortRate(), scoreShift({ margin: 1 })]
    expect(partsOf(others)).toEqual(close(1 / 3, 1 / 3, 1 / 3))
  })

  it('are 0 for guardrails that only hold or are only shown', () => {
    const some = [errorRate(), latency({ severity: 'hold' }), p95, predictionShift({ severity: 'observe' })]
    expect(partsOf(some)).toEqual(close(7 / 9, 0, 2 / 9, 0))
    expect(partsOf([errorRate({ severity: 'hold' })])).toEqual([0])
    expect(partsOf([])).toEqual([])
  })
})

describe('the evidence of harm of one guardrail', () => {
  it('is its prior weight while nothing is tested', () => {
    const context = contextOf([tailLatency()])
    const evidence = { ...beginEvidence(context, policy), priorWeightSoFar: 0.2 }
    expect(Math.exp(logHarm(tailLatency(), evidence.guardrails[0]!, evidence.priorWeightSoFar))).toBeCloseTo(0.7, 12)
  })

  it('is a mean over alternatives: .35, .34, .22 and .09 of a rate', () => {
    const context = contextOf([errorRate()])
    const { guardrails } = withStates(evidenceOf(context), (state) => ({
      ...state,
      sides: [{ ...state.sides[0]!, ...harmBy([1, 2, 3, 4].map(Math.log)) }],
    }))
    expect(Math.exp(logHarm(context.guardrails[0]!, guardrails[0]!, 0))).toBeCloseTo(2.05, 12)
  })

  it('is a mean over hypotheses and sides: two classes are one hypothesis, the others a tenth', () => {
    const context = contextOf([predictionShift()])
    const said = [
      [10, 20],
      [100, 200],
    ]
    const { guardrails } = withStates(evidenceOf(context), (state, hypothesis) => ({
      ...state,
      sides: state.sides.map((known, side) => ({
        ...known,
        ...harmBy(known.inferiority.map(() => Math.log(said[hypothesis]![side]!))),
      })),
    }))
    expect(Math.exp(logHarm(context.guardrails[0]!, guardrails[0]!, 0))).toBeCloseTo(0.9 * 15 + 0.1 * 150, 9)
  })
})

describe('the combined evidence', () => {
  const guardrails = [errorRate(), latency(), predictionShift({ severity: 'hold' })]
  const evidence = evidenceOf(contextOf(guardrails), { harm: [Math.log(10), Math.log(2), 500] })

  it('is the weighted sum over the guardrails that roll back', () => {
    expect(Math.exp(logCombinedEvidence(evidence, guardrails))).toBeCloseTo(0.7 * 10 + 0.3 * 2, 9)
  })

  it('is −700 without a guardrail that rolls back, because JSON has no infinity', () => {
    const held = [errorRate({ severity: 'hold' })]
    expect(logCombinedEvidence(evidenceOf(contextOf(held), { harm: [9] }), held)).toBe(-700)
    expect(logCombinedEvidence(evidenceOf(contextOf([])), [])).toBe(-700)
  })

  it('is at most 700', () => {
    const many = [errorRate({ limit: 0.1 }), latency()]
    expect(logCombinedEvidence(evidenceOf(contextOf(many), { harm: [710, 710] }), many)).toBe(700)
  })

  it('over some guardrails leaves the parts of the others out, without redistribution', () => {
    const withoutLatency = logCombinedEvidence(evidence, guardrails, ({ kind }) => kind !== 'latency')
    expect(Math.exp(withoutLatency)).toBeCloseTo(0.7 * 10, 9)
  })
})

describe('every kind of guardrail', () => {
  /** What half an hour at 10 % comes to, of which the canary makes this, and the baseline what is ordinary. */
  function checkAfter(guardrail: Guardrail, canary: ArmStory, baseline: ArmStory = {}): Check {
    const judge = evidenceJudge()
    const guardrails = [guardrail]
    const context = contextOf(guardrails, { calibration: { baselineHistory: historyOf(guardrails) } })
    let evidence = judge.open(undefined, context)
    for (let block = 0; block < 120; block += 1) {
      evidence = judge.update(evidence, blockOf({ ...ordinary, ...baseline }, { ...alike, ...canary }), context)
      const verdict = judge.decide(evidence, context, 0)
      if (verdict.kind === 'fail') return verdict.checks[0]!
    }
    return judge.decide(evidence, context, 0).checks[0]!
  }

  const score = (mean: number) => ({ score: { count: 100, sum: 100 * mean, sumOfSquares: 100 * mean ** 2 + 4 } })
  const converted = (sum: number) => ({ metrics: { conversion: { count: 100, sum, sumOfSquares: sum } } })
  const conversion = { direction: 'must-not-fall', margin: 0.05 } as const

  it.each<readonly [string, Guardrail, bad: ArmStory]>([
    ['errors', errorRate(), { errors: 8 }],
    ['timeouts', timeoutRate(), { timeouts: 8 }],
    ['hang-ups', abortRate(), { aborted: 9 }],
    ['mean latency', latency(), { latencyMs: 190 }],
    ['p99', tailLatency(), { slow: [10, 900] }],
    ['p95', tailLatency({ quantile: 0.95 }), { slow: [25, 900] }],
    ['p50', tailLatency({ quantile: 0.5, ratio: 1.2 }), { latencyMs: 140 }],
    ['hung flights', tailLatency(), { requests: 0, slow: [0, 0], pending: [9, 9_000] }],
    ['a class that grows', predictionShift(), { predictions: { cat: 85, dog: 15 } }],
    ['a class that shrinks', predictionShift(), { predictions: { cat: 35, dog: 65 } }],
    ['a new class', predictionShift(), { predictions: { cat: 50, dog: 25, eel: 25 } }],
    ['predictions without a label', predictionShift(), { predictions: { cat: 50, dog: 25 }, otherPredictions: 25 }],
    ['a score that rises', scoreShift({ margin: 0.1 }), score(0.8)],
    ['a score that falls', scoreShift({ margin: 0.1 }), score(0.2)],
    ['a metric that must not fall', metric('conversion', conversion), converted(5)],
    ['a metric that must not rise', metric('conversion', { ...conversion, direction: 'must-not-rise' }), converted(45)],
  ])('%s: breaches where its figure is bad, and holds where it is good', (_, guardrail, bad) => {
    expect(checkAfter(guardrail, bad).outcome).toBe('breached')
    expect(checkAfter(guardrail, {}).outcome).toBe('held')
  })

  it.each<readonly [string, without: Guardrail, withLimit: Guardrail, canary: ArmStory, baseline: ArmStory]>([
    ['errors', errorRate(), errorRate({ limit: 0.1 }), { errors: 50 }, { errors: 450 }],
    ['mean latency', latency(), latency({ limitMs: 200 }), { latencyMs: 400 }, { latencyMs: 400 }],
    ['p99', tailLatency(), tailLatency({ limitMs: 400 }), { slow: [10, 900] }, { slow: [90, 900] }],
    [
      'a metric',
      metric('conversion', conversion),
      metric('conversion', { ...conversion, limit: 0.15 }),
      converted(5),
      { metrics: { conversion: { count: 900, sum: 45, sumOfSquares: 45 } } },
    ],
  ])('%s: breaches by its limit on a day when both arms are sick', (_, without, withLimit, canary, baseline) => {
    expect(checkAfter(without, canary, baseline).outcome).not.toBe('breached')
    expect(checkAfter(withLimit, canary, baseline).outcome).toBe('breached')
    expect(checkAfter(withLimit, {}).outcome).toBe('held')
  })

  it.each<readonly [string, Guardrail, canary: ArmStory, baseline: ArmStory]>([
    ['errors, 12 % where 10 % are the limit', errorRate({ limit: 0.1 }), { errors: 12 }, { errors: 108 }],
    [
      'mean latency, 2.05 s where 700 ms are the limit and the baseline’s p99 was 200 ms',
      latency({ limitMs: 700 }),
      { latencyMs: 2_000, slow: [10, 2_500] },
      { latencyMs: 2_000, slow: [90, 2_500] },
    ],
  ])('%s: finds a little too much, and far too much', (_, guardrail, canary, baseline) => {
    expect(checkAfter(guardrail, canary, baseline)).toMatchObject({ outcome: 'breached', rule: 'limit' })
  })
})
