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
import { decideOn } from './decide.js'
import {
  blockOf,
  contextOf,
  evidenceOf,
  firstCheck,
  harmBy,
  historyOf,
  policy,
  type Said,
  withStates,
  yes,
} from './evidence.fixture.js'
import { beginEvidence } from './evidence.js'
import { openStep, updateEvidence } from './update-evidence.js'

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

const scoresOf = () => [constants([900, 0.5]), constants([100, 0.5])] as const

describe('the sentence of a check', () => {
  const errors = [yes(9, 900), yes(3, 100)] as const

  it('while undecided: both figures with n, the difference with its limits, the margin, the evidence and the time', () => {
    expect(reason(errorRate(), ...errors)).toBe(
      'error rate 3 % of 100 against 1 % of 900: 2 points more (-2.69 to 12.9), 2 accepted; safety 2.72 of 5 needed, about 37 s to go',
    )
  })

  it('says what helps if the users of the arms differ by more than can be told from harm', () => {
    const context = contextOf([errorRate()])
    const evidence = withStates(evidenceOf(context, { safety: [0], fresh: [0] }), (state) => ({
      ...state,
      seen: { baseline: yes(9, 900), canary: yes(3, 100) },
      users: { offset: 0, harmSlack: 0.05, safetySlack: 0.02 },
    }))
    expect(firstCheck(evidence, context).reason).toMatch(
      /; nothing can be shown: the users differ too much for this split\. Raise the weight, split by request, or widen/,
    )
  })

  it('has no time if none can be estimated', () => {
    expect(reason(errorRate(), ...errors, { safety: [1], fresh: [-1] })).toMatch(/; safety 2\.72 of 5 needed$/)
  })

  it('of a held guardrail: how much evidence there is', () => {
    expect(reason(errorRate(), yes(9, 900), yes(1, 100), { safety: [4] })).toBe(
      'error rate 1 % of 100 against 1 % of 900: no difference (-2.84 to 8.92), 2 accepted; safety 54.6 of 5 needed',
    )
    expect(reason(errorRate(), yes(9, 900), yes(1, 100), { safety: [40] })).toMatch(/safety over 10000 of 5 needed$/)
  })

  it('of very little evidence: a lower bound for display', () => {
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

  it.each([
    ['is above', yes(50, 100), /^error rate 50 % of 100 is above the limit of 10 %; harm 80\.7 of 20 needed$/],
    ['was above', yes(5, 100), /^error rate 5 % of 100 is now within the limit of 10 %; harm 80\.7 of 20 needed$/],
  ])('gives the limit, and not the baseline, if the canary %s the limit', (_, canary, expected) => {
    const context = contextOf([errorRate({ limit: 0.1 })])
    const evidence = withStates(evidenceOf(context, { harm: [4] }), (state, hypothesis) => ({
      ...state,
      seen: { baseline: yes(450, 900), canary },
      sides: state.sides.map((known) => ({
        ...known,
        ...harmBy(known.inferiority.map(() => (hypothesis === 1 ? 6 : -9))), // the limit has a fifth of the evidence
      })),
    }))
    expect(firstCheck(evidence, context).reason).toMatch(expected)
  })

  it('of harm that began later in a step: that the figures are of the whole step', () => {
    const harmed: Said = { harm: [20], safety: [0], fresh: [0] }
    const later = /; harm over 10000 of 20 needed, over another time than these figures, which are of the whole step$/
    expect(reason(errorRate(), yes(90, 9_000), yes(5, 1_000), harmed)).toMatch(later) // 0.5 points less
    expect(reason(errorRate(), yes(90, 9_000), yes(25, 1_000), harmed)).toMatch(later) // 1.5 more, 2 are accepted
    expect(reason(errorRate(), yes(90, 9_000), yes(90, 1_000), harmed)).toMatch(/; harm over 10000 of 20 needed$/)
  })

  it('says "less" if the canary’s figure is lower', () => {
    expect(reason(errorRate(), yes(90, 900), yes(3, 100))).toMatch(
      /^error rate 3 % of 100 against 10 % of 900: 7 points less /,
    )
  })

  it('of scores whose distribution the source does not tell: that only the mean is judged', () => {
    expect(reason(scoreShift({ margin: 0.05 }), ...scoresOf())).toMatch(
      /^mean score .*; only the mean is judged: the source does not tell the distribution of the scores$/,
    )
    expect(reason(scoreShift({ margin: 0.05, totalMargin: false }), ...scoresOf())).not.toMatch(/only the mean/)
  })

  it('of many classes that moved a little: which margin they broke together, and which rose most', () => {
    const guardrails = [predictionShift()]
    const labels = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen', 'ibis', 'jay'] as const
    const even = Object.fromEntries(labels.map((label) => [label, 90]))
    const moved = Object.fromEntries(labels.map((label, at) => [label, at % 2 ? 5 : 11 + at]))
    const calibration = { baselineHistory: historyOf(guardrails, 60, () => ({ requests: 900, predictions: even })) }
    const context = contextOf(guardrails, { calibration })
    let evidence = openStep(undefined, context, policy)
    for (let block = 0; block < 6; block += 1) {
      const arms = blockOf({ requests: 900, predictions: even }, { requests: 100, predictions: moved })
      evidence = updateEvidence(evidence, arms, context, policy)
    }
    const said = firstCheck(evidence, context)
    expect(said.outcome).toBe('breached')
    expect(said.reason).toMatch(
      /^share of "ibis", "gnu", "eel" and 2 more, taken together 75 % of 600 against 50 % of 5400: 25 points more \(.*\), 10 accepted in total, by totalMargin; harm/,
    )
    expect(said).toMatchObject({ margin: 0.1, samples: { baseline: 5_400, canary: 600 } })
  })

  it('names the statistic, in its own unit', () => {
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

  it('gives the limits of the change the same sign as the change: more is positive, less is negative', () => {
    const conversion = metric('conversion', { direction: 'must-not-fall', margin: 0.05 })
    expect(reason(conversion, yes(180, 900), yes(10, 100))).toMatch(
      /^conversion 0\.1 of 100 against 0\.2 of 900: 0\.1 less \(-0\.2\d* to 0\.00\d*\), 0\.05 accepted/,
    )
    expect(reason(conversion, yes(180, 900), yes(40, 100))).toMatch(
      /^conversion 0\.4 of 100 against 0\.2 of 900: 0\.2 more \(0\.\d+ to 0\.\d+\), 0\.05 accepted/,
    )
    expect(reason(errorRate(), yes(450, 900), yes(1, 100))).toMatch(/: 49 points less \(-\d+(\.\d+)? to -\d+/)
  })

  it('leaves out limits that cannot be given', () => {
    expect(reason(scoreShift({ margin: 0.05 }), yes(9, 900), yes(1, 1))).toMatch(
      /^mean score 1 of 1 against 0\.01 of 900: 0\.99 more, /,
    )
  })
})

describe('a breach by evidence from earlier steps', () => {
  const harm: Said = { harm: [4] }

  it('says where the evidence comes from if this step has no canary requests yet', () => {
    expect(reason(errorRate(), yes(9, 900), none, harm)).toBe(
      'error rate: harm 54.6 of 20 needed, from earlier steps; no canary requests of this step yet',
    )
  })

  it('says how much there is if this step has no baseline', () => {
    expect(reason(errorRate(), none, yes(3, 100), harm)).toBe(
      'error rate 3 %: harm 54.6 of 20 needed, from earlier steps; there is no baseline in this step to compare with',
    )
  })

  it('is found when the step opens, by closing the block that was open', () => {
    const context = contextOf([errorRate()], { calibration: { baselineHistory: historyOf([errorRate()]) } })
    const block = blockOf({ requests: 40 }, { requests: 4, errors: 4 }, 1_000)
    const before = updateEvidence(openStep(undefined, context, policy), block, context, policy)
    expect(decideOn(before, context, policy).kind).toBe('inconclusive') // the block is too small to be closed
    const next = { ...context, step: 2, stepsLeft: 3 }
    const verdict = decideOn(openStep(before, next, policy), next, policy)
    expect(verdict).toMatchObject({ kind: 'fail', response: 'rollback' })
    expect(verdict.checks[0]?.reason).toMatch(
      /^error rate: harm .+ of 20 needed, from earlier steps; no canary requests of this step yet$/,
    )
  })
})

describe('where there is nothing to compare', () => {
  it('says that latency is not judged during the warm-up, even without requests', () => {
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
