import { describe, expect, it } from 'vitest'
import { constants } from '../../guardrails/arm.fixture.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { abortRate } from '../../guardrails/kinds/abort-rate.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import type { Moments } from '../../statistics/moments.js'
import type { StepContext } from '../judge.js'
import { contextOf, evidenceOf, firstCheck, policy, type Said, withStates, yes } from './evidence.fixture.js'
import { beginEvidence } from './evidence.js'

const none: Moments = { count: 0, sum: 0, sumOfSquares: 0 }

/** What a guardrail says after it saw this. */
function reason(
  guardrail: Guardrail,
  baseline: Moments,
  canary: Moments,
  said: Said = { safety: [1], fresh: [1] },
  place: Partial<StepContext> = {},
): string {
  const context = contextOf([guardrail], place)
  const evidence = withStates(evidenceOf(context, said), (state) => ({ ...state, seen: { baseline, canary } }))
  return firstCheck(evidence, context).reason
}

describe('the sentence of a check', () => {
  const errors = [yes(9, 900), yes(3, 100)] as const

  it('while it waits: both figures with n, the difference with its limits, the margin, the evidence and the time', () => {
    expect(reason(errorRate(), ...errors)).toBe(
      'error rate 3 % of 100 against 1 % of 900: 2 points more (-2.69 to 12.9), 2 accepted; safety 2.72 of 5 needed, about 37 s to go',
    )
  })

  it('promises no time where none can be told', () => {
    expect(reason(errorRate(), ...errors, { safety: [1], fresh: [-1] })).toMatch(/; safety 2\.72 of 5 needed$/)
  })

  it('of what is held: how much evidence there is', () => {
    expect(reason(errorRate(), yes(9, 900), yes(1, 100), { safety: [4] })).toBe(
      'error rate 1 % of 100 against 1 % of 900: no difference (-2.84 to 8.92), 2 accepted; safety 54.6 of 5 needed',
    )
    expect(reason(errorRate(), yes(9, 900), yes(1, 100), { safety: [40] })).toMatch(/safety over 10000 of 5 needed$/)
  })

  it('of evidence next to nothing: that it is', () => {
    expect(reason(errorRate(), yes(9, 900), yes(50, 100), { safety: [-700], fresh: [-1] })).toMatch(
      /; safety under 0\.001 of 5 needed$/,
    )
    expect(reason(errorRate(), yes(9, 900), yes(50, 100), { safety: [Math.log(0.0011)], fresh: [-1] })).toMatch(
      /; safety 0\.0011 of 5 needed$/,
    )
  })

  it('of a breach: how much evidence of harm there is', () => {
    expect(reason(errorRate(), yes(9, 900), yes(20, 100), { harm: [4] })).toMatch(
      /^error rate 20 % of 100 against 1 % of 900: 19 points more \(.+\), 2 accepted; harm 54\.6 of 20 needed$/,
    )
  })

  it('of a broken limit: the limit, and nothing of the baseline', () => {
    const context = contextOf([errorRate({ limit: 0.1 })])
    const evidence = withStates(evidenceOf(context, { harm: [4] }), (state, hypothesis) => ({
      ...state,
      seen: { baseline: yes(450, 900), canary: yes(50, 100) },
      sides: state.sides.map((known) => ({
        ...known,
        inferiority: known.inferiority.map(() => (hypothesis === 1 ? 6 : -9)),
      })),
    }))
    expect(firstCheck(evidence, context).reason).toMatch(
      /^error rate 50 % of 100 is above the limit of 10 %; harm 80\.7 of 20 needed$/, // a fifth of e⁶
    )
  })

  it('says less of what is less', () => {
    expect(reason(errorRate(), yes(90, 900), yes(3, 100))).toMatch(
      /^error rate 3 % of 100 against 10 % of 900: 7 points less /,
    )
  })

  it('names what was counted, in its own unit', () => {
    const half = constants([50, 0.4], [50, 0.6])
    expect(reason(abortRate(), ...errors)).toMatch(/^abort rate 3 % of 100 against 1 % of 900: 2 points more/)
    expect(reason(latency(), constants([100, 90], [100, 110]), constants([10, 150], [10, 170]))).toMatch(
      /^mean latency 160 ms of 20 against 100 ms of 200: 60 ms more \(.+ to .+\), 50 accepted/,
    )
    expect(reason(tailLatency(), ...errors)).toMatch(
      /^share of requests over 303 ms 3 % of 100 against 1 % of 900: 2 points more/,
    )
    expect(reason(predictionShift(), yes(450, 900), yes(60, 100))).toMatch(
      /^share of "cat" 60 % of 100 against 50 % of 900: 10 points more \(.+\), 10 accepted/,
    )
    expect(reason(scoreShift({ margin: 0.1 }), half, constants([50, 0.5], [50, 0.7]))).toMatch(
      /^mean score 0\.6 of 100 against 0\.5 of 100: 0\.1 more \(.+\), 0\.1 accepted/,
    )
    expect(reason(metric('price', { direction: 'must-not-fall', margin: 2 }), half, half)).toMatch(
      /^price 0\.5 of 100 against 0\.5 of 100: no difference \(.+\), 2 accepted/,
    )
  })

  it('tells a fall of what must not fall as less, with limits of the fall', () => {
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.05 })
    const sentence = reason(conversion, yes(180, 900), yes(10, 100))
    expect(sentence).toMatch(
      /^conversion 0\.1 of 100 against 0\.2 of 900: 0\.1 less \(-?0\.\d+ to 0\.\d+\), 0\.05 accepted/,
    )
  })

  it('leaves out limits that cannot be given', () => {
    expect(reason(scoreShift({ margin: 0.05 }), yes(9, 900), yes(1, 1))).toMatch(
      /^mean score 1 of 1 against 0\.01 of 900: 0\.99 more, /,
    )
  })
})

describe('where there is nothing to compare', () => {
  it('says of latency in a warm-up that it is not judged, whatever has come', () => {
    const warmUp = { phase: 'warm-up', step: 0, stepsLeft: 5, weight: 2 } as const
    expect(reason(latency(), none, none, {}, warmUp)).toBe('mean latency: not judged during the warm-up')
    expect(reason(errorRate(), none, none, {}, warmUp)).toBe('error rate: no canary requests of this step yet')
  })

  it('says what is missing', () => {
    expect(reason(errorRate(), yes(9, 900), none)).toBe('error rate: no canary requests of this step yet')
    expect(reason(errorRate(), none, yes(3, 100))).toBe(
      'error rate 3 %: there is no baseline in this step to compare with',
    )
    const bake = { phase: 'bake', weight: 100, stepsLeft: 0, step: 5 } as const
    expect(reason(errorRate(), none, none, {}, bake)).toBe('error rate: no canary requests of this step yet')
    expect(reason(errorRate(), none, yes(3, 100), {}, bake)).toBe(
      'error rate 3 %: there is no baseline in this step to compare with',
    )
    const context = contextOf([tailLatency()])
    expect(firstCheck(beginEvidence(context, policy), context).reason).toBe(
      'tailLatency: too little is known of the baseline yet',
    )
  })
})
