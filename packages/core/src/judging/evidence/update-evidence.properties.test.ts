import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { blockOf, contextOf, policy, statesOf } from './evidence.fixture.js'
import type { Evidence } from './evidence.js'
import { openStep, updateEvidence } from './update-evidence.js'

const firstOf = (evidence: Evidence) => statesOf(evidence)[0]![0]!.sides[0]!
const harmOf = (evidence: Evidence) => Math.exp(firstOf(evidence).inferiority[0]!)

describe('the prior weights', () => {
  const time = fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.double({ min: 0, max: 400_000, noNaN: true }))
  const times = fc.array(time, { minLength: 1, maxLength: 30 })
  const guardrails = [errorRate()]
  const context = contextOf(guardrails)

  /** The evidence after silent portions of time, every so many of them in a step of their own. */
  const after = (portions: readonly number[], everyStep = 0): Evidence =>
    portions.reduce(
      (evidence, elapsedMs, at) => {
        const opened = everyStep > 0 && at % everyStep === 0 ? openStep(evidence, context, policy) : evidence
        return updateEvidence(opened, blockOf({}, {}, elapsedMs), context, policy)
      },
      openStep(undefined, context, policy),
    )

  it('of harm never sum to more than 1, for any portions and steps', () => {
    fc.assert(
      fc.property(times, fc.nat(4), (portions, everyStep) => {
        const evidence = after(portions, everyStep)
        expect(evidence.priorWeightSoFar).toBeLessThan(0.5)
        expect(harmOf(evidence)).toBeCloseTo(0.5 + evidence.priorWeightSoFar, 9)
      }),
    )
    expect(harmOf(after([1e9, 1e9], 1))).toBeLessThan(1)
  })

  it('of safety never do either, which start anew with half of the logarithm at each step', () => {
    fc.assert(
      fc.property(times, fc.nat(4), (portions, everyStep) => {
        const { nonInferiority, nonInferiorityInStep } = firstOf(after(portions, everyStep))
        for (const log of [...nonInferiority, ...nonInferiorityInStep]) expect(Math.exp(log)).toBeLessThan(1)
      }),
    )
    const all = firstOf(after([1e9]))
    expect(Math.exp(all.nonInferiority[0]!)).toBeGreaterThan(0.99)
    expect(Math.exp(all.nonInferiorityInStep[0]!)).toBeLessThan(1)
  })

  it('of safety never do after a warm-up, from which all is carried', () => {
    const cold = contextOf(guardrails, { phase: 'warm-up', step: 0 })
    const warmed = updateEvidence(openStep(undefined, cold, policy), blockOf({}, {}, 1e9), cold, policy)
    const evidence = updateEvidence(openStep(warmed, context, policy), blockOf({}, {}, 1e9), context, policy)
    const { nonInferiority, nonInferiorityInStep } = firstOf(evidence)
    for (const log of [...nonInferiority, ...nonInferiorityInStep]) expect(Math.exp(log)).toBeLessThan(1)
  })

  it('depend on the time alone, and not on the number of looks', () => {
    fc.assert(
      fc.property(times, (portions) => {
        const total = portions.reduce((sum, elapsedMs) => sum + elapsedMs, 0)
        const { priorWeightSoFar } = after(portions)
        expect(priorWeightSoFar).toBeCloseTo(after([total]).priorWeightSoFar, 2)
        const often = after(portions.flatMap((elapsedMs) => Array.from({ length: 5 }, () => elapsedMs / 5)))
        expect(priorWeightSoFar).toBeCloseTo(often.priorWeightSoFar, 2)
      }),
    )
  })
})
