import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { evidenceJudge } from '../evidence-judge.js'
import type { StepContext } from '../judge.js'
import { atMost, binomial, contextOf, historyOf, policy, statesOf } from './evidence.fixture.js'
import { logSafety } from './evidence-check.js'
import { openStep, updateEvidence } from './update-evidence.js'

const judge = evidenceJudge()
const guardrails = [errorRate({ margin: 0.02 })]
const histories = seededRandom(9)
const baselineHistory = historyOf(guardrails, 60, () => ({ requests: 750, errors: binomial(histories, 750, 0.01) }))

const WEIGHTS = [10, 25, 50, 75]
const TICK_MS = 15_000
const REQUESTS = 750 // fifty a second
const HORIZON = 400 // ticks

/** A whole rollout, as a controller leads it: a warm-up of a minute, four steps, and a look every 15 s. */
function rollOut(random: () => number, harmAt: (weight: number) => number): 'promoted' | 'rolled-back' | 'undecided' {
  const contextAt = (step: number): StepContext =>
    contextOf(guardrails, {
      step,
      stepsLeft: WEIGHTS.length + 1 - step,
      weight: step === 0 ? 2 : WEIGHTS[step - 1]!,
      phase: step === 0 ? 'warm-up' : 'step',
      calibration: { baselineHistory },
    })
  let context = contextAt(0)
  let evidence = judge.open(undefined, context)
  for (let tick = 1; tick <= HORIZON; tick += 1) {
    const canary = binomial(random, REQUESTS, context.weight / 100)
    const arms = {
      baseline: arm({ requests: REQUESTS - canary, errors: binomial(random, REQUESTS - canary, 0.01) }),
      canary: arm({ requests: canary, errors: binomial(random, canary, 0.01 + harmAt(context.weight)) }),
    }
    evidence = judge.update(evidence, { ...arms, elapsedMs: TICK_MS }, context)
    const { kind, response } = judge.decide(evidence, context, 0)
    if (kind === 'fail') return 'rolled-back'
    const isWarm = context.step === 0 && tick >= 4 && response !== 'hold'
    if (kind !== 'pass' && !isWarm) continue
    if (context.step === WEIGHTS.length) return 'promoted'
    context = contextAt(context.step + 1)
    evidence = judge.open(evidence, context)
  }
  return 'undecided'
}

/** How many of so many rollouts end how. */
function endsOf(repetitions: number, harmAt: (weight: number) => number) {
  const random = seededRandom(2_027)
  const ends = { promoted: 0, 'rolled-back': 0, undecided: 0 }
  for (let rollout = 0; rollout < repetitions; rollout += 1) ends[rollOut(random, harmAt)] += 1
  return ends
}

describe('a whole rollout', () => {
  it('promotes a canary that is exactly at the margin in at most one of twenty', () => {
    const { promoted } = endsOf(250, () => 0.02)
    expect(promoted / 250).toBeLessThanOrEqual(atMost(0.05, 250))
  }, 120_000)

  it('promotes a canary that exceeds the margin from 75 % on in at most one of twenty', () => {
    const { promoted } = endsOf(150, (weight) => (weight === 75 ? 0.022 : 0))
    expect(promoted / 150).toBeLessThanOrEqual(atMost(0.05, 150))
  }, 120_000)

  it('never promotes one that is worse by a margin and a half, and rolls all of them back', () => {
    expect(endsOf(100, () => 0.03)).toEqual({ promoted: 0, 'rolled-back': 100, undecided: 0 })
  }, 120_000)

  it('promotes a canary that equals the baseline', () => {
    const { promoted, 'rolled-back': lost } = endsOf(60, () => 0)
    expect(lost).toBe(0)
    expect(promoted).toBe(60)
  }, 120_000)
})

describe('one step', () => {
  /**
   * Nothing below the margin is rolled back here: what keeps a canary at the margin back is its evidence of safety
   * alone.
   */
  const judge = evidenceJudge({ tolerable: 0.99 })

  it.each([
    [1, 0.05],
    [2, 0.1],
    [4, 0.2],
  ])(
    'with %s left is passed by a canary at the margin in %s of cases at the most',
    (stepsLeft, chance) => {
      const random = seededRandom(2_029)
      const context = contextOf(guardrails, { stepsLeft, weight: 50, calibration: { baselineHistory } })
      const repetitions = 120
      let passed = 0
      for (let repetition = 0; repetition < repetitions; repetition += 1) {
        let evidence = judge.open(undefined, context)
        for (let tick = 0; tick < 30; tick += 1) {
          const canary = binomial(random, 100, 0.5)
          const arms = {
            baseline: arm({ requests: 100 - canary, errors: binomial(random, 100 - canary, 0.01) }),
            canary: arm({ requests: canary, errors: binomial(random, canary, 0.03) }),
          }
          evidence = judge.update(evidence, { ...arms, elapsedMs: TICK_MS }, context)
          if (judge.decide(evidence, context, 0).kind !== 'pass') continue
          passed += 1
          break
        }
      }
      expect(passed / repetitions).toBeLessThanOrEqual(atMost(chance, repetitions))
    },
    120_000,
  )
})

describe('the evidence of safety of one step', () => {
  it.each([
    ['1/99', 0.01],
    ['10/90', 0.1],
    ['50/50', 0.5],
  ])(
    'at %s reaches 20 in one of twenty at the most, however often one looks at a canary at the margin',
    (_, share) => {
      const random = seededRandom(2_028)
      const context = contextOf(guardrails, { calibration: { baselineHistory } })
      const repetitions = 150
      const requests = Math.ceil(6 / share) + 40
      let proved = 0
      for (let repetition = 0; repetition < repetitions; repetition += 1) {
        let evidence = openStep(undefined, context, policy)
        for (let block = 0; block < 100; block += 1) {
          const canary = binomial(random, requests, share)
          const baseline = requests - canary
          const arms = {
            baseline: arm({ requests: baseline, errors: binomial(random, baseline, 0.01) }),
            canary: arm({ requests: canary, errors: binomial(random, canary, 0.03) }),
          }
          evidence = updateEvidence(evidence, { ...arms, elapsedMs: 2_000 }, context, policy)
          if (logSafety(statesOf(evidence)[0]![0]!.sides[0]!.nonInferiorityInStep) < Math.log(20)) continue
          proved += 1
          break
        }
      }
      expect(proved / repetitions).toBeLessThanOrEqual(atMost(0.05, repetitions))
    },
    120_000,
  )
})
