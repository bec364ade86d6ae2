import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ArmStory } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { evidenceJudge } from '../evidence-judge.js'
import type { Judge, Phase, StepContext } from '../judge.js'
import { alike, blockOf, contextOf, historyOf, ordinary } from './evidence.fixture.js'
import type { Evidence } from './evidence.js'

const judge = evidenceJudge() as Judge<Evidence>

const guardrails: readonly Guardrail[] = [
  errorRate({ limit: 0.3 }),
  latency(),
  tailLatency(),
  predictionShift(),
  scoreShift({ margin: 0.1 }),
  metric('conversion', { direction: 'must-not-fall', margin: 0.1, limit: 0.01 }),
  tailLatency({ name: 'p95', quantile: 0.95, limitMs: 2_000, severity: 'observe' }),
]
const baselineHistory = historyOf(guardrails)

/** What an arm may do in a block, be it ever so odd. */
const story: fc.Arbitrary<ArmStory> = fc
  .record({
    requests: fc.nat(300),
    errors: fc.nat(9),
    slow: fc.nat(60),
    slowMs: fc.integer({ min: 0, max: 100_000 }),
    cats: fc.nat(300),
    pending: fc.nat(6),
    aborted: fc.nat(3),
    twentieths: fc.integer({ min: -20, max: 40 }),
  })
  .map(({ requests, errors, slow, slowMs, cats, pending, aborted, twentieths }) => {
    const cat = Math.min(cats, requests)
    const score = twentieths / 20
    return {
      requests,
      errors: Math.min(errors, requests),
      slow: [Math.min(slow, requests), slowMs],
      pending: [pending, slowMs],
      aborted,
      predictions: { cat, ['__proto__']: requests - cat },
      score: { count: requests, sum: requests * score, sumOfSquares: requests * (score ** 2 + 0.04) },
      metrics: { conversion: { count: requests, sum: cat, sumOfSquares: cat } },
    }
  })

/** A block, and before it at times the opening of a step. */
interface Move {
  readonly opens: Phase | null
  readonly stepsLeft: number
  readonly baseline: ArmStory
  readonly canary: ArmStory
  readonly elapsedMs: number
}

const moves = (maxLength: number): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.record({
      opens: fc.option(fc.constantFrom<Phase>('warm-up', 'step', 'step', 'bake'), { freq: 4 }),
      stepsLeft: fc.nat(4),
      baseline: story,
      canary: story,
      elapsedMs: fc.integer({ min: 0, max: 40_000 }),
    }),
    { minLength: 1, maxLength },
  )

const inStep = (context: StepContext, { opens, stepsLeft }: Move): StepContext =>
  opens === null ? context : { ...context, phase: opens, step: 5 - stepsLeft, stepsLeft }

/** The evidence after one more move. */
function moved(evidence: Evidence, move: Move, context: StepContext): Evidence {
  const opened = move.opens === null ? evidence : judge.open(evidence, context)
  return judge.update(opened, blockOf(move.baseline, move.canary, move.elapsedMs), context)
}

/** Every number in a plain object, also where JSON would write `null` for it. */
function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value))

describe('evidence as JSON', () => {
  it('is the same evidence at every moment, and gives the same verdicts bit for bit', () => {
    fc.assert(
      fc.property(moves(15), fc.boolean(), (moves, isKnown) => {
        const calibration = { baselineHistory: isKnown ? throughJson(baselineHistory) : undefined }
        let context = contextOf(guardrails, { calibration })
        let kept = judge.open(undefined, context)
        let stored = kept
        for (const move of moves) {
          context = inStep(context, move)
          kept = moved(kept, move, context)
          stored = moved(throughJson(stored), move, context)
          const [verdict, again] = [kept, stored].map((evidence) => judge.decide(evidence, context, 0))
          expect(JSON.stringify(again)).toBe(JSON.stringify(verdict))
          for (const { reason } of verdict!.checks) expect(reason).not.toMatch(/NaN|undefined|Infinity|null/)
        }
        expect(JSON.stringify(stored)).toBe(JSON.stringify(kept))
        expect(numbersIn(kept).every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  it('stays plain, and of the same size, through 10,000 ticks', () => {
    const context = contextOf([errorRate(), tailLatency()])
    let evidence = judge.open(undefined, context)
    const sizes: number[] = []
    for (let tick = 1; tick <= 10_000; tick += 1) {
      const canary = { ...alike, pending: [tick % 3, 2_500] } as const
      evidence = judge.update(evidence, blockOf(ordinary, canary), context)
      if (tick % 1_000 === 0) sizes.push(JSON.stringify(evidence).length)
    }
    expect(numbersIn(evidence).every(Number.isFinite)).toBe(true)
    expect(throughJson(evidence)).toEqual(evidence)
    expect(Math.max(...sizes)).toBeLessThan(1.1 * sizes[0]!)
    expect(evidence.priorWeightSoFar).toBeLessThan(0.5)
  }, 120_000)
})

describe('no data', () => {
  it('of the canary never pass, regardless of the baseline and the time', () => {
    fc.assert(
      fc.property(moves(25), (moves) => {
        let context = contextOf(guardrails, { calibration: { baselineHistory } })
        let evidence = judge.open(undefined, context)
        for (const move of moves) {
          context = inStep(context, move)
          evidence = moved(evidence, { ...move, canary: {} }, context)
          expect(judge.decide(evidence, context, 0).kind).not.toBe('pass')
        }
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  it.each([4, 3, 2, 1, 0])(
    'of the canary in a step with %s left never pass, regardless of earlier steps',
    (stepsLeft) => {
      const context = contextOf(guardrails, { calibration: { baselineHistory } })
      let evidence = judge.open(undefined, context)
      for (let block = 0; block < 60; block += 1) evidence = judge.update(evidence, blockOf(ordinary, alike), context)
      expect(judge.decide(evidence, context, 0).kind).toBe('pass')
      const next = { ...context, step: 5 - stepsLeft, stepsLeft, weight: 25 }
      evidence = judge.open(evidence, next)
      for (let block = 0; block < 20; block += 1) {
        expect(judge.decide(evidence, next, 0).kind).not.toBe('pass')
        evidence = judge.update(evidence, blockOf(ordinary, {}), next)
      }
    },
  )
})
