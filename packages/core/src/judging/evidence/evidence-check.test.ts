import { describe, expect, it } from 'vitest'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { timeoutRate } from '../../guardrails/kinds/timeout-rate.js'
import type { Moments } from '../../statistics/moments.js'
import { shareSequence } from '../../statistics/share-sequence.js'
import type { Check, StepContext } from '../judge.js'
import { contextOf, evidenceOf, firstCheck, harmBy, policy, type Said, withStates, yes } from './evidence.fixture.js'
import { beginEvidence } from './evidence.js'
import { logSafety } from './evidence-check.js'
import type { HypothesisState } from './hypothesis-state.js'
import { resolvePolicy } from './policy.js'

/** The check of the first guardrail. */
function check(
  guardrails: Guardrail | readonly Guardrail[],
  said: Said = {},
  place: Partial<StepContext> = {},
  change: (state: HypothesisState, hypothesis: number) => HypothesisState = (state) => state,
): Check {
  const context = contextOf(Array.isArray(guardrails) ? guardrails : [guardrails as Guardrail], place)
  return firstCheck(withStates(evidenceOf(context, said), change), context)
}

/** Gives the sides of the first hypothesis such evidence of safety. */
const sides =
  (...logs: readonly (readonly [safety: number, fresh: number])[]) =>
  (state: HypothesisState, hypothesis: number): HypothesisState => {
    if (hypothesis > 0) return state
    const sides = state.sides.map((known, side) => {
      const [safety, fresh] = logs[side]!
      return { ...known, nonInferiority: [safety, safety], nonInferiorityInStep: [fresh, fresh] }
    })
    return { ...state, sides }
  }

const seen = (baseline: Moments, canary: Moments) => (state: HypothesisState) => ({
  ...state,
  seen: { baseline, canary },
})

describe('a guardrail is held', () => {
  it('by a mixture over the moves of a sound canary: .7 of none, .3 of half a margin', () => {
    expect(Math.exp(logSafety([Math.log(10), Math.log(20)]))).toBeCloseTo(13, 9)
  })

  it.each([
    ['the last advance', 1, 20],
    ['the one before it', 2, 10],
    ['the third from the end', 3, 20 / 3],
    ['the fourth from the end', 4, 5],
    ['every earlier one', 7, 5],
  ])('for %s by the evidence that goes with it', (_, stepsLeft, needed) => {
    const at = (safety: number) => check(errorRate(), { safety: [Math.log(safety)] }, { stepsLeft })
    expect(at(needed * 1.0001)).toMatchObject({ outcome: 'held' })
    expect(at(needed * 0.9999)).toMatchObject({ outcome: 'undecided' })
    expect(at(9).evidence?.safety).toEqual({ now: expect.closeTo(9, 9), needed })
  })

  it('only on every side of every hypothesis', () => {
    expect(check(predictionShift(), {}, {}, sides([20, 9], [20, 9])).outcome).toBe('held')
    expect(check(predictionShift(), {}, {}, sides([20, 9], [1, 9])).outcome).toBe('undecided')
    expect(check(predictionShift(), {}, {}, sides([1, 9], [20, 9])).outcome).toBe('undecided')
  })

  it('regardless of its limits and hung flights, which say nothing about the difference', () => {
    const silent = (state: HypothesisState, hypothesis: number): HypothesisState =>
      hypothesis === 0 ? state : { ...state, sides: state.sides.map((one) => ({ ...one, nonInferiority: [0, 0] })) }
    expect(check(errorRate({ limit: 0.1 }), {}, {}, silent).outcome).toBe('held')
    expect(check(tailLatency({ limitMs: 900 }), {}, {}, silent).outcome).toBe('held')
  })

  it('for the last step only if this step’s own evidence is not against it', () => {
    const last = { stepsLeft: 1, weight: 75 }
    expect(check(errorRate(), { fresh: [0.1] }, last).outcome).toBe('held')
    expect(check(errorRate(), { fresh: [-0.1] }, last).outcome).toBe('undecided')
    expect(check(errorRate(), { fresh: [-0.1] }, { stepsLeft: 2 }).outcome).toBe('held')
    expect(check(predictionShift(), {}, last, sides([20, 9], [20, -0.1])).outcome).toBe('undecided')
  })

  it('never during the warm-up, which proves nothing', () => {
    expect(check(errorRate(), {}, { phase: 'warm-up', step: 0 }).outcome).toBe('undecided')
  })

  it('never in a bake without a baseline', () => {
    const bake = { phase: 'bake', weight: 100, stepsLeft: 0, step: 5 } as const
    expect(check(errorRate(), {}, bake, seen(yes(0, 0), yes(3, 100))).outcome).toBe('undecided')
    expect(check(errorRate(), {}, bake, seen(yes(0, 0), yes(0, 0))).outcome).toBe('undecided')
    expect(check(errorRate(), {}, bake, seen(yes(2, 50), yes(3, 100))).outcome).toBe('held')
  })

  it('never before its thresholds are known', () => {
    const context = contextOf([tailLatency()])
    expect(firstCheck(beginEvidence(context, policy), context)).toMatchObject({
      outcome: 'undecided',
      rule: 'samples',
      samples: { baseline: 0, canary: 0 },
      difference: null,
    })
  })
})

describe('the evidence of harm', () => {
  const two = [errorRate(), timeoutRate()] // with 7/9 and 2/9 of the evidence

  it('is the guardrail’s part of what rolls back', () => {
    const { evidence } = check(two, { harm: [Math.log(9), Math.log(9)] })
    expect(evidence?.harm).toEqual({ now: expect.closeTo(7, 9), needed: expect.closeTo(20, 9) })
  })

  it('stands alone if the guardrail only holds or is only shown', () => {
    const { evidence } = check([errorRate({ severity: 'hold' }), timeoutRate()], { harm: [Math.log(9), 0] })
    expect(evidence?.harm.now).toBeCloseTo(9, 9)
  })

  it('breaches every guardrail whose part alone is enough, and the one with the largest part in any case', () => {
    expect(check(two, { harm: [9, 9] }).outcome).toBe('breached')
    expect(check([...two].reverse(), { harm: [9, 9] }).outcome).toBe('breached')
    expect(check([...two].reverse(), { harm: [2, 9] }).outcome).toBe('held')
  })

  it('stays a number that JSON can represent', () => {
    const { evidence } = check(errorRate(), { harm: [700], safety: [-700] })
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence)
  })
})

describe('the figures', () => {
  it('are those of this step, the difference positive where it is harm', () => {
    const shown = check(errorRate(), {}, {}, seen(yes(9, 900), yes(3, 100)))
    expect(shown).toMatchObject({
      baseline: 0.01,
      canary: 0.03,
      difference: expect.closeTo(0.02, 12),
      margin: 0.02,
      limit: null,
      samples: { baseline: 900, canary: 100 },
    })
    const fallen = check(
      metric('conversion', { direction: 'must-not-fall', margin: 0.05, limit: 0.1 }),
      {},
      {},
      seen(yes(180, 900), yes(10, 100)),
    )
    expect(fallen).toMatchObject({ baseline: 0.2, canary: 0.1, difference: expect.closeTo(0.1, 12), limit: 0.1 })
  })

  it('are those of the side that is furthest from being proved safe', () => {
    const moved = (state: HypothesisState, hypothesis: number) =>
      seen(yes(300, 900), yes(20, 100))(sides([20, 9], [2, 9])(state, hypothesis))
    expect(check(predictionShift(), {}, {}, moved).difference).toBeCloseTo(1 / 3 - 0.2, 12) // cats fell
    const other = (state: HypothesisState, hypothesis: number) =>
      seen(yes(300, 900), yes(20, 100))(sides([2, 9], [20, 9])(state, hypothesis))
    expect(check(predictionShift(), {}, {}, other).difference).toBeCloseTo(0.2 - 1 / 3, 12)
  })

  it('of a breach are those of the side that does most harm', () => {
    const harmOn = (side: number) => (state: HypothesisState) => ({
      ...seen(yes(300, 900), yes(20, 100))(state),
      sides: state.sides.map((known, at) => ({
        ...known,
        ...harmBy(known.inferiority.map(() => (at === side ? 9 : -9))),
      })),
    })
    expect(check(predictionShift(), { harm: [9] }, {}, harmOn(1)).difference).toBeGreaterThan(0)
    expect(check(predictionShift(), { harm: [9] }, {}, harmOn(0)).difference).toBeLessThan(0)
  })

  it('have limits that are valid at all looks: of a mean, in standard errors of the dispersed difference', () => {
    const shown = (dispersion: number) =>
      check(scoreShift({ margin: 0.05 }), { dispersion }, {}, seen(yes(9, 900), yes(3, 100))).evidence
    // ±3.1524225·√φ of √(.0099010/900 + .0293939/100)
    expect(shown(1)?.interval).toEqual({ low: expect.closeTo(-0.03504, 4), high: expect.closeTo(0.07504, 4) })
    expect(shown(4)?.interval).toEqual({ low: expect.closeTo(-0.09008, 4), high: expect.closeTo(0.13008, 4) })
    expect(shown(4)?.dispersion).toBe(4)
  })

  it('have limits with a width for shares without hits, and wider ones for dispersed requests', () => {
    const shown = (dispersion: number) =>
      check(errorRate(), { dispersion }, {}, seen(yes(0, 540), yes(0, 60))).evidence?.interval
    const alone = (n: number) => shareSequence({ n, x: 0, alpha: 0.025 }).high
    expect(shown(1)).toEqual({ low: -alone(540), high: alone(60) })
    expect(shown(4)).toEqual({ low: -alone(135), high: alone(15) })
    expect(alone(60)).toBeGreaterThan(0.05)
  })

  it('mirror the limits of a share if a fall is harm', () => {
    const fallen = (state: HypothesisState): HypothesisState => ({
      ...seen(yes(540, 900), yes(30, 100))(state),
      sides: state.sides.map((known, at) => ({
        ...known,
        ...harmBy(known.inferiority.map(() => (at === 1 ? 9 : -9))),
      })),
    })
    const said = check(predictionShift(), { harm: [9] }, {}, fallen)
    const limitsOf = (n: number, x: number) => shareSequence({ n, x, alpha: 0.025 })
    const [b, c] = [limitsOf(900, 540), limitsOf(100, 30)]
    expect(said.difference).toBeCloseTo(0.3, 9)
    expect(said.evidence?.interval).toEqual({ low: b.low - c.high, high: b.high - c.low })
  })

  it('have limits that are numbers for every alpha that a policy may have', () => {
    const context = contextOf([scoreShift({ margin: 0.05 })])
    const evidence = withStates(evidenceOf(context), seen(yes(9, 900), yes(3, 100)))
    const shown = (alpha: number) => firstCheck(evidence, context, resolvePolicy({ alpha })).evidence
    // 2.7895 and 29.4885 standard errors at 1,000 requests
    expect(shown(0.2)?.interval?.low).toBeCloseTo(-0.02871, 4)
    expect(shown(0.499)?.interval).toEqual({ low: expect.closeTo(-0.49495, 4), high: expect.closeTo(0.53495, 4) })
  })

  it('have no limits if an arm has too few data', () => {
    expect(check(scoreShift({ margin: 0.05 }), {}, {}, seen(yes(9, 900), yes(1, 1))).evidence?.interval).toBeNull()
    expect(check(errorRate()).evidence?.interval).toBeNull()
  })

  it('say what is tolerable: half of the margin', () => {
    expect(check(errorRate({ margin: 0.03 })).evidence?.tolerable).toBeCloseTo(0.015, 12)
    expect(check(latency({ marginMs: 50 })).evidence?.tolerable).toBe(25)
  })
})

describe('the time that is left', () => {
  const minute = { stepElapsedMs: 60_000 }

  it('follows from how fast this step’s evidence of safety grows', () => {
    const { evidence } = check(errorRate(), { safety: [0.5], fresh: [0.5], rest: minute }, { stepsLeft: 1 })
    expect(evidence?.doublingMs).toBeCloseTo((Math.LN2 / 0.5) * 60_000, 6)
    expect(evidence?.etaMs).toBe(Math.round(((Math.log(20) - 0.5) / 0.5) * 60_000))
  })

  it('is `null` if the evidence does not grow, or has not grown yet', () => {
    expect(check(errorRate(), { safety: [0.5], fresh: [-0.5], rest: minute }).evidence?.etaMs).toBeNull()
    expect(check(errorRate(), { safety: [0.5], fresh: [0.5], rest: { stepElapsedMs: 0 } }).evidence?.etaMs).toBeNull()
  })

  it('is 0, and not less, if another side is not proved yet', () => {
    const last = { stepsLeft: 1, weight: 75 }
    const one = check(predictionShift(), { rest: minute }, last, sides([9, -1], [8, 1]))
    expect(one.outcome).toBe('undecided')
    expect(one.evidence?.etaMs).toBe(0)
  })

  it('is `null` for a guardrail that is held, or not judged', () => {
    expect(check(errorRate()).evidence?.etaMs).toBeNull()
    expect(check(latency(), { safety: [0.5] }, { phase: 'warm-up' }).evidence).toMatchObject({
      etaMs: null,
      doublingMs: null,
    })
  })
})

describe('the rule', () => {
  it('is the phase if the guardrail is not judged in it: latency during the warm-up', () => {
    const warmUp = { phase: 'warm-up', step: 0 } as const
    expect(
      [errorRate(), latency(), tailLatency(), predictionShift()].map((one) => check(one, {}, warmUp).rule),
    ).toEqual(['evidence', 'phase', 'phase', 'evidence'])
  })

  it('is the limit if the limit is broken', () => {
    const broken = (state: HypothesisState, hypothesis: number) => ({
      ...seen(yes(450, 900), yes(50, 100))(state),
      sides: state.sides.map((known) => ({
        ...known,
        ...harmBy(known.inferiority.map(() => (hypothesis === 1 ? 9 : -9))),
      })),
    })
    expect(check(errorRate({ limit: 0.1 }), { harm: [9] }, {}, broken)).toMatchObject({
      outcome: 'breached',
      rule: 'limit',
    })
    expect(check(errorRate({ limit: 0.1 })).rule).toBe('evidence')
  })

  it('is the phase at 100 %, without a baseline to compare with', () => {
    const bake = { phase: 'bake', weight: 100, stepsLeft: 0 } as const
    expect(check(errorRate(), {}, bake, seen(yes(0, 0), yes(3, 100)))).toMatchObject({ rule: 'phase', baseline: null })
    expect(check(errorRate(), {}, bake, seen(yes(2, 50), yes(3, 100))).rule).toBe('evidence')
    expect(check(errorRate(), {}, bake, seen(yes(0, 0), yes(0, 0))).rule).toBe('evidence') // nothing has come yet
  })
})
