import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Severity } from '../../guardrails/guardrail-options.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { timeoutRate } from '../../guardrails/kinds/timeout-rate.js'
import type { StepContext, Verdict } from '../judge.js'
import { asksForRollback, decideOn } from './decide.js'
import { contextOf, evidenceOf, historyOf, policy, type Said } from './evidence.fixture.js'

/** The verdict on what evidence is made to say. */
function verdictOn(guardrails: readonly Guardrail[], said: Said = {}, place: Partial<StepContext> = {}): Verdict {
  const context = contextOf(guardrails, place)
  return decideOn(evidenceOf(context, said), context, policy)
}

const outcomes = ({ checks }: Verdict) => checks.map(({ outcome }) => outcome)
const needed = Math.log(20)

describe('a pass', () => {
  it('needs proof of every guardrail', () => {
    expect(verdictOn([errorRate(), latency()])).toMatchObject({ kind: 'pass', epoch: 1, step: 1 })
    expect(outcomes(verdictOn([errorRate(), latency()]))).toEqual(['held', 'held'])
  })

  it('is not given while one is undecided', () => {
    const verdict = verdictOn([errorRate(), latency()], { safety: [20, 1] })
    expect(verdict.kind).toBe('inconclusive')
    expect(verdict.response).toBeUndefined()
    expect(outcomes(verdict)).toEqual(['held', 'undecided'])
  })

  it('does not wait for a guardrail that is only observed, and needs one of another severity', () => {
    const observed = latency({ severity: 'observe' })
    expect(verdictOn([errorRate(), observed], { safety: [20, -5] }).kind).toBe('pass')
    expect(verdictOn([observed]).kind).toBe('inconclusive')
    expect(verdictOn([]).kind).toBe('inconclusive')
  })
})

describe('combined evidence of harm', () => {
  it('rolls back at 20, and not just below', () => {
    expect(verdictOn([errorRate()], { harm: [needed + 1e-9] })).toMatchObject({ kind: 'fail', response: 'rollback' })
    expect(verdictOn([errorRate()], { harm: [needed - 1e-9] }).kind).toBe('inconclusive')
  })

  it('is a sum over guardrails: two with half of the evidence each are enough', () => {
    const two = [errorRate(), timeoutRate()]
    const verdict = verdictOn(two, { harm: [Math.log(21), Math.log(19)] })
    expect(verdict.kind).toBe('fail')
    expect(outcomes(verdict)).toEqual(['breached', 'held'])
    expect(verdictOn(two, { harm: [Math.log(21), Math.log(1)] }).kind).toBe('inconclusive')
  })

  it('gives the guardrail with the largest part as the reason', () => {
    expect(outcomes(verdictOn([timeoutRate(), errorRate()], { harm: [4, 4] }))).toEqual(['held', 'breached'])
  })

  it('acts in every phase, regardless of the minimums', () => {
    const rest = { stepElapsedMs: 0, elapsedMs: 1_000, answered: 5, baselineHistory: historyOf([], 0) }
    for (const phase of ['warm-up', 'step', 'bake'] as const) {
      const verdict = verdictOn([errorRate()], { harm: [5], rest }, { phase })
      expect(verdict).toMatchObject({ kind: 'fail', response: 'rollback' })
    }
  })

  it('must reach 1/alpha', () => {
    const context = contextOf([errorRate()])
    expect(asksForRollback(evidenceOf(context, { harm: [4] }), { ...policy, alpha: 0.05 })).toBe(true)
    expect(asksForRollback(evidenceOf(context, { harm: [4] }), { ...policy, alpha: 0.01 })).toBe(false)
  })
})

describe('the severity', () => {
  it('hold: is judged alone at the same level, and holds', () => {
    const guardrails = [errorRate(), latency({ severity: 'hold' })]
    const verdict = verdictOn(guardrails, { harm: [0, needed] })
    expect(verdict).toMatchObject({ kind: 'fail', response: 'hold' })
    expect(outcomes(verdict)).toEqual(['held', 'breached'])
    expect(verdictOn(guardrails, { harm: [-1, needed - 1e-9] }).kind).toBe('pass')
  })

  it('hold: does not hold back a rollback', () => {
    const guardrails = [errorRate(), latency({ severity: 'hold' })]
    expect(verdictOn(guardrails, { harm: [5, 9] })).toMatchObject({ kind: 'fail', response: 'rollback' })
  })

  it('observe: is shown and does nothing', () => {
    const verdict = verdictOn([errorRate(), latency({ severity: 'observe' })], { harm: [-1, 99] })
    expect(verdict.kind).toBe('pass')
    expect(outcomes(verdict)).toEqual(['held', 'breached'])
  })
})

describe('early evidence of harm that rests on latency alone', () => {
  const guardrails = [errorRate(), latency(), tailLatency()]
  const early = { elapsedMs: 179_999 }
  const slow: Said = { harm: [-1, 6, 6], rest: early }

  it('demotes: a cold canary is slow for a while', () => {
    expect(verdictOn(guardrails, slow)).toMatchObject({ kind: 'fail', response: 'demote' })
    expect(verdictOn([latency()], { harm: [6], rest: early })).toMatchObject({ response: 'demote' })
  })

  it('rolls back once the grace period is over', () => {
    expect(verdictOn(guardrails, { ...slow, rest: { elapsedMs: 180_000 } })).toMatchObject({ response: 'rollback' })
  })

  it('rolls back the second time', () => {
    const again = { ...slow, rest: { ...early, demoted: true } }
    expect(verdictOn(guardrails, again)).toMatchObject({ response: 'rollback' })
  })

  it('rolls back out of a warm-up and out of a bake', () => {
    expect(verdictOn(guardrails, slow, { phase: 'warm-up' })).toMatchObject({ response: 'rollback' })
    expect(verdictOn(guardrails, slow, { phase: 'bake' })).toMatchObject({ response: 'rollback' })
  })

  it('rolls back where the other guardrails have a fifth of the evidence that is needed', () => {
    const errorsAt = (evidence: number): Said => ({ harm: [Math.log(evidence / 0.5), 6, 6], rest: early })
    expect(verdictOn(guardrails, errorsAt(3.99))).toMatchObject({ response: 'demote' }) // of .35/.70 they have half
    expect(verdictOn(guardrails, errorsAt(4.01))).toMatchObject({ response: 'rollback' })
  })

  it('rolls back if only the tail is slow: a cold canary is slow on the whole', () => {
    expect(verdictOn(guardrails, { harm: [-1, -0.1, 9], rest: early })).toMatchObject({ response: 'rollback' })
    expect(verdictOn(guardrails, { harm: [-1, 0.1, 9], rest: early })).toMatchObject({ response: 'demote' })
  })

  it('demotes by the tail if the mean is not guarded', () => {
    expect(verdictOn([errorRate(), tailLatency()], { harm: [-1, 9], rest: early })).toMatchObject({
      response: 'demote',
    })
  })
})

describe('after a demotion', () => {
  const trickle = { begun: { baseline: 980, canary: 20 }, answered: 20 }
  const cold = { ...trickle, demoted: true, elapsedMs: 120_000 }

  it('the warm-up lasts until the grace period is over', () => {
    const place = { phase: 'warm-up', step: 0, weight: 2 } as const
    expect(verdictOn([errorRate()], { rest: cold }, place)).toMatchObject({
      kind: 'inconclusive',
      response: 'hold',
      waitingFor: 'the first 180 s to pass: latency is not judged before',
    })
    const over = verdictOn([errorRate()], { rest: { ...cold, elapsedMs: 180_000 } }, place)
    expect(over.kind).toBe('inconclusive')
    expect(over.response).toBeUndefined()
  })

  it('a first warm-up does not', () => {
    const place = { phase: 'warm-up', step: 0, weight: 2 } as const
    expect(verdictOn([errorRate()], { rest: { ...trickle, elapsedMs: 60_000 } }, place).response).toBeUndefined()
  })
})

describe('a split mismatch', () => {
  const lost = { begun: { baseline: 900, canary: 20 } }

  it('holds, and says so in words', () => {
    expect(verdictOn([errorRate()], { rest: lost })).toMatchObject({
      kind: 'inconclusive',
      response: 'hold',
      message: 'the canary got 2.17 % of 920 requests, 10 % were planned: they are lost or split elsewhere',
      checks: [{ outcome: 'held' }],
    })
  })

  it('is not reported before the least time of a step, because a new weight takes a while to arrive', () => {
    const young = (stepElapsedMs: number) => verdictOn([errorRate()], { rest: { ...lost, stepElapsedMs } }).message
    expect(young(59_999)).toBeUndefined()
    expect(young(60_000)).toContain('were planned')
  })

  it('is seen while a holdback bakes', () => {
    const holdback = { phase: 'bake', step: 5, stepsLeft: 0, weight: 90 } as const
    const half = { begun: { baseline: 500, canary: 500 } }
    expect(verdictOn([errorRate()], { rest: half }, holdback)).toMatchObject({
      kind: 'inconclusive',
      response: 'hold',
      message: 'the canary got 50 % of 1000 requests, 90 % were planned: they are lost or split elsewhere',
    })
    const planned = { begun: { baseline: 100, canary: 900 } }
    expect(verdictOn([errorRate()], { rest: planned }, holdback).message).toBeUndefined()
  })

  it('never prevents a rollback', () => {
    expect(verdictOn([errorRate()], { harm: [5], rest: lost })).toMatchObject({ kind: 'fail', response: 'rollback' })
  })
})

describe('other conditions of a pass', () => {
  const waiting = (rest: Said['rest'], harm?: readonly number[]) =>
    verdictOn([errorRate()], { rest: rest ?? {}, ...(harm ? { harm } : {}) })

  it('is twenty windows of the baseline, to know its noise', () => {
    expect(waiting({ baselineHistory: historyOf([errorRate()], 19) })).toMatchObject({
      kind: 'inconclusive',
      waitingFor: '20 windows of 15 s of the baseline, to know its noise; 19 so far',
    })
    expect(waiting({ baselineHistory: historyOf([errorRate()], 20) }).kind).toBe('pass')
  })

  it('is a minute in the step', () => {
    expect(waiting({ stepElapsedMs: 59_999 })).toMatchObject({ kind: 'inconclusive', waitingFor: '60 s in the step' })
    expect(waiting({ stepElapsedMs: 60_000 }).kind).toBe('pass')
  })

  it('is fifty answered canary requests in the step', () => {
    expect(waiting({ answered: 49 })).toMatchObject({
      kind: 'inconclusive',
      waitingFor: '50 answered canary requests in the step; 49 so far',
    })
    expect(waiting({ answered: 50 }).kind).toBe('pass')
  })

  it('is one answered canary request without a minimum: missing data never counts as a pass', () => {
    const context = contextOf([errorRate()])
    const verdictAt = (answered: number) =>
      decideOn(evidenceOf(context, { rest: { answered } }), context, { ...policy, minStepRequests: 0 })
    expect(verdictAt(0)).toMatchObject({
      kind: 'inconclusive',
      waitingFor: '1 answered canary requests in the step; 0 so far',
    })
    expect(verdictAt(1).kind).toBe('pass')
  })

  it('is that the combined evidence of harm is at most 1', () => {
    expect(waiting({}, [Math.log(3)])).toMatchObject({
      kind: 'inconclusive',
      waitingFor: 'the evidence of harm to fall: it is 3.0, and must be at most 1',
    })
    expect(waiting({}, [0]).kind).toBe('pass')
  })

  it('come with all checks', () => {
    expect(outcomes(waiting({ stepElapsedMs: 0 }))).toEqual(['held'])
  })
})

describe('properties', () => {
  const severity = fc.constantFrom<Severity>('rollback', 'hold', 'observe')
  const said = fc.record({
    severity,
    harm: fc.double({ min: -50, max: 2.9, noNaN: true }),
    safety: fc.double({ min: -9, max: 30, noNaN: true }),
  })
  const some = fc.array(said, { minLength: 1, maxLength: 4 })
  const make = [errorRate, timeoutRate, latency, predictionShift] as const
  const guardrailsOf = (list: readonly { readonly severity: Severity }[]) =>
    list.map(({ severity }, at) => make[at]!({ severity }))

  it('a breach that is swapped in always fails', () => {
    fc.assert(
      fc.property(some, fc.nat(3), fc.constantFrom<Severity>('rollback', 'hold'), (list, where, severity) => {
        const at = where % list.length
        const guardrails = guardrailsOf(list.with(at, { ...list[at]!, severity }))
        const harm = list.map((one) => one.harm).with(at, 6)
        const verdict = verdictOn(guardrails, { harm, safety: list.map((one) => one.safety) })
        expect(verdict.kind).toBe('fail')
        expect(verdict.checks[at]!.outcome).toBe('breached')
      }),
    )
  })

  it('a fail has a breach that counts, and no other verdict has one', () => {
    fc.assert(
      fc.property(some, fc.double({ min: 0, max: 9, noNaN: true }), (list, more) => {
        const harm = list.map((one) => one.harm + more)
        const verdict = verdictOn(guardrailsOf(list), { harm, safety: list.map((one) => one.safety) })
        const breached = verdict.checks.some(
          ({ outcome, severity }) => outcome === 'breached' && severity !== 'observe',
        )
        expect(breached).toBe(verdict.kind === 'fail')
      }),
    )
  })

  it('evidence that went through JSON gives the same verdict', () => {
    fc.assert(
      fc.property(some, (list) => {
        const context = contextOf(guardrailsOf(list))
        const evidence = evidenceOf(context, {
          harm: list.map((one) => one.harm),
          safety: list.map((one) => one.safety),
        })
        const back = JSON.parse(JSON.stringify(evidence))
        expect(decideOn(back, context, policy)).toEqual(decideOn(evidence, context, policy))
      }),
    )
  })
})
