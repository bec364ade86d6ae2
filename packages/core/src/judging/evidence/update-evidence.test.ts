import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import type { StepContext } from '../judge.js'
import { windowCountOf } from './baseline-history.js'
import { logCombinedEvidence } from './combined-evidence.js'
import { decideOn } from './decide.js'
import {
  alike,
  blockOf,
  contextOf,
  evidenceOf,
  historyOf,
  ordinary,
  policy,
  statesOf,
  withStates,
  yes,
} from './evidence.fixture.js'
import type { Evidence } from './evidence.js'
import { resolvePolicy } from './policy.js'
import { isEvidenceFor, openStep, updateEvidence } from './update-evidence.js'

/** Which thresholds a guardrail has. */
const keysOf = (thresholds: object | null) => thresholds && Object.keys(thresholds)

const guardrails = [errorRate(), latency(), tailLatency(), predictionShift()]
const baselineHistory = historyOf(guardrails)
const known = (rest: Partial<StepContext> = {}) => contextOf(guardrails, { calibration: { baselineHistory }, ...rest })
const warmUp = known({ phase: 'warm-up', step: 0, stepsLeft: 5, weight: 2 })
const step1 = known()
const step2 = known({ step: 2, stepsLeft: 3, weight: 25 })

const update = (evidence: unknown, context: StepContext, elapsedMs = 15_000, canary = alike) =>
  updateEvidence(evidence, blockOf(ordinary, canary, elapsedMs), context, policy)

const harmsOf = (evidence: Evidence) => statesOf(evidence).map(([state]) => state!.sides[0]!.inferiority)
const safetyOf = (evidence: Evidence) => statesOf(evidence).map(([state]) => state!.sides[0]!.nonInferiority)
/** Returns the logarithm of the first guardrail and alternative. */
const firstOf = ([logs]: readonly (readonly number[])[]): number => logs?.[0] ?? Number.NaN
const memoryOf = (evidence: Evidence) => statesOf(evidence)[0]![0]!.memory
const dispersionsOf = ({ guardrails }: Evidence) =>
  guardrails.map(({ hypotheses: [state] }) => state?.dispersion.whole ?? 1)
const thresholdsIn = ({ guardrails }: Evidence) => guardrails.map(({ thresholds }) => thresholds)
const priorWeightOf = (evidence: Evidence) => Math.exp(firstOf(harmsOf(evidence)))

describe('the first step', () => {
  it('begins with the baseline’s history alone, and knows its noise', () => {
    const evidence = openStep(undefined, warmUp, policy)
    expect(evidence).toMatchObject({ elapsedMs: 0, priorWeightSoFar: 0, phase: 'warm-up', demoted: false })
    expect(dispersionsOf(evidence)).toEqual([1, 1, 1, 1])
    const unknown = openStep(undefined, contextOf(guardrails), policy)
    expect(dispersionsOf(unknown)).toEqual([3, 1, 1, 1]) // the others ask nothing yet
  })
})

describe('a step change', () => {
  const before = evidenceOf(step1, {
    harm: [1, 0.5, -3, 0],
    safety: [6, 5, 4, 3],
    rest: { weightedSteps: 1, priorWeightSoFar: 0.1 },
  })
  const after = openStep(before, step2, policy)

  it('carries half of the logarithm of safety, and all of the evidence of harm with new prior weight', () => {
    const half = [3, 2.5, 2, 1.5].map((log) => expect.closeTo(log + Math.log(0.85), 12))
    expect(safetyOf(after).map(([first]) => first)).toEqual(half)
    const added = [1, 0.5, -3, 0].map((log) => expect.closeTo(Math.log(Math.exp(log) + 0.06), 12))
    expect(harmsOf(after).map(([first]) => first)).toEqual(added)
    expect(after).toMatchObject({ weightedSteps: 2, priorWeightSoFar: expect.closeTo(0.16, 12) })
  })

  it('computes the combined evidence from what is carried, before the new prior weight', () => {
    const carried = 0.35 * Math.E + 0.15 * Math.exp(0.5) + 0.2 * Math.exp(-3) + 0.2
    expect(Math.exp(after.combinedEvidence)).toBeCloseTo(carried / 0.9, 12)
  })

  it('carries no counts, and starts its own time', () => {
    expect(after).toMatchObject({
      stepElapsedMs: 0,
      elapsedMs: before.elapsedMs,
      begun: { baseline: 0, canary: 0 },
      ended: { baseline: 0, canary: 0 },
      accounted: { baseline: 0, canary: 0 },
      answered: 0,
    })
  })

  it('carries neither the open block nor pending flights', () => {
    const busy = update(openStep(undefined, step1, policy), step1, 1_000, { requests: 3, pending: [2, 900] })
    expect(statesOf(busy)[2]![0]!).toMatchObject({ pendingHits: { canary: 2 }, seen: { canary: yes(2, 5) } })
    const after = openStep(busy, step2, policy)
    const nothing = { baseline: yes(0, 0), canary: yes(0, 0) }
    for (const state of statesOf(after).flat()) expect(state).toMatchObject({ open: nothing, seen: nothing, openMs: 0 })
    for (const state of statesOf(after).flat()) expect(state.pendingHits).toEqual({ baseline: 0, canary: 0 })
  })

  it('keeps what is known of the baseline, and every threshold', () => {
    const kept = thresholdsIn(after)
    for (const [at, thresholds] of thresholdsIn(before).entries()) expect(kept[at]).toBe(thresholds)
    expect(after.baselineHistory).toBe(before.baselineHistory)
    expect(memoryOf(after)).toEqual(memoryOf(before))
  })

  it('closes the open block first, in the step that it belongs to', () => {
    const open = { baseline: yes(0, 40), canary: yes(2, 4) }
    const busy = withStates(before, (state, _, at) => (at === 0 ? { ...state, open } : state))
    const closed = openStep(busy, step2, policy)
    expect(firstOf(harmsOf(closed))).toBeGreaterThan(firstOf(harmsOf(after)) + 1)
    expect(memoryOf(closed).count).toBe(4_000)
    expect(firstOf(safetyOf(closed))).toBeLessThan(3)
  })

  it('gives prior weight to four steps, and to no later ones', () => {
    let evidence = evidenceOf(step1)
    const priorWeights: number[] = []
    for (let step = 2; step <= 8; step += 1) {
      evidence = openStep(evidence, known({ step }), policy)
      priorWeights.push(evidence.priorWeightSoFar)
    }
    expect(priorWeights).toEqual(
      [0.06, 0.12, 0.18, 0.24, 0.24, 0.24, 0.24].map((priorWeight) => expect.closeTo(priorWeight, 12)),
    )
  })
})

describe('the end of the warm-up', () => {
  it('halves nothing and adds no prior weight', () => {
    const before = evidenceOf(warmUp, { harm: [1, 0, 0, 0], safety: [6, 5, 4, 3] })
    const after = openStep(before, step1, policy)
    expect(safetyOf(after).map(([first]) => first)).toEqual([6, 5, 4, 3])
    expect(harmsOf(after).map(([first]) => first)).toEqual([1, 0, 0, 0])
    expect(after).toMatchObject({ weightedSteps: 0, priorWeightSoFar: 0, phase: 'step', demoted: false })
  })
})

describe('the warm-up', () => {
  it('tests errors and predictions, and not latency', () => {
    const evidence = update(openStep(undefined, warmUp, policy), warmUp)
    const seen = statesOf(evidence).map(([state]) => state!.seen.canary.count)
    expect(seen).toEqual([100, 0, 0, 100])
    expect(safetyOf(evidence).map(([first]) => first! > 0)).toEqual([true, false, false, true])
  })

  it('finds flights that hang for ten times the baseline’s p99, from five on', () => {
    const hanging = { requests: 0, pending: [5, 2_500] } as const
    const evidence = update(openStep(undefined, warmUp, policy), warmUp, 15_000, hanging)
    expect(evidence.combinedEvidence).toBeGreaterThan(Math.log(20))
    const young = { requests: 0, pending: [5, 1_500] } as const
    expect(update(openStep(undefined, warmUp, policy), warmUp, 15_000, young).combinedEvidence).toBeLessThan(0)
  })

  it('is the only phase that tests these separately from the tail', () => {
    const hanging = { requests: 0, pending: [5, 2_500] } as const
    const evidence = update(openStep(undefined, step1, policy), step1, 15_000, hanging)
    expect(statesOf(evidence)[2]!.map((state) => state.seen.canary.sum)).toEqual([5, 0])
  })
})

describe('a demotion', () => {
  const slow = evidenceOf(step1, { harm: [0.5, 6, 8, 0.2], safety: [6, 5, 4, 3], rest: { elapsedMs: 100_000 } })
  const hung = statesOf(evidenceOf(step1))[2]![1]! // none are
  const unhung = withStates(slow, (state, hypothesis, at) => (at === 2 && hypothesis === 1 ? hung : state))
  const combinedEvidence = logCombinedEvidence(unhung, guardrails)
  const harmful = { ...unhung, combinedEvidence }
  const after = openStep(harmful, warmUp, policy)
  const safety = [6, expect.closeTo(Math.log(0.85), 12), expect.closeTo(Math.log(0.85), 12), 3]

  it('divides the evidence of latency by the combined evidence, and starts its evidence of safety anew', () => {
    const cut = [0.5, 6 - combinedEvidence, 8 - combinedEvidence, 0.2]
    expect(harmsOf(after).map(([first]) => first)).toEqual(cut.map((log) => expect.closeTo(log, 12)))
    expect(safetyOf(after).map(([first]) => first)).toEqual(safety)
  })

  it('is remembered, adds no prior weight, and halves nothing when the first step begins again', () => {
    expect(after).toMatchObject({ demoted: true, priorWeightSoFar: 0, weightedSteps: 0 })
    const again = openStep(after, step1, policy)
    expect(again).toMatchObject({ demoted: true, priorWeightSoFar: 0 })
    expect(safetyOf(again).map(([first]) => first)).toEqual(safety)
  })

  it('leaves no evidence that asks for a rollback, before and after the next block', () => {
    const parts = [0.35, 0.15, 0.2, 0.2] // errors, latency, tail, predictions: of .9
    const hungLeft = 0.8 * Math.exp(8 - combinedEvidence) + 0.2 * Math.exp(hung.sides[0]!.inferiority[0]!)
    const left = [Math.exp(0.5), Math.exp(6 - combinedEvidence), hungLeft, Math.exp(0.2)]
    const sum = left.reduce((total, one, at) => total + (parts[at]! / 0.9) * one, 0)
    expect(after.combinedEvidence).toBeCloseTo(Math.log(sum), 12)
    expect(after.combinedEvidence).toBeLessThan(Math.log(2))
    expect(update(after, warmUp, 1_000, {}).combinedEvidence).toBeCloseTo(after.combinedEvidence, 12)
  })

  it('reduces the evidence of the open block as well', () => {
    const open = { baseline: yes(0, 900), canary: yes(4, 4) }
    const busy = withStates(harmful, (state, hypothesis, at) =>
      at === 2 && hypothesis === 0 ? { ...state, open } : state,
    )
    expect(openStep(busy, warmUp, policy).combinedEvidence).toBeLessThan(Math.log(3))
  })
})

describe('the requests of a step', () => {
  const block = { requests: 30, errors: 4, timeouts: 2, aborted: 5, pending: [3, 900] } as const

  it('are accounted for if they ended or are pending, and answered unless they were aborted', () => {
    const first = update(openStep(undefined, step1, policy), step1, 15_000, block)
    expect(first).toMatchObject({
      begun: { baseline: 900, canary: 38 },
      ended: { baseline: 900, canary: 35 },
      accounted: { baseline: 900, canary: 38 },
      answered: 30,
    })
    const second = update(first, step1, 15_000, { requests: 10, aborted: 1, pending: [2, 900] })
    expect(second).toMatchObject({
      ended: { baseline: 1_800, canary: 46 },
      accounted: { baseline: 1_800, canary: 48 }, // two are under way, and no longer three
      answered: 40,
    })
  })

  it('of a slow canary that loses none are not a mismatch in a split of users', () => {
    const sticky = contextOf([errorRate()], { calibration: { baselineHistory, unit: 'key' } })
    const late = blockOf({ requests: 585, pending: [90, 1_000] }, { requests: 35, pending: [40, 4_000] }, 60_000)
    const evidence = updateEvidence(openStep(undefined, sticky, policy), late, sticky, policy)
    expect(decideOn(evidence, sticky, policy).message).toBeUndefined()
    const lost = blockOf({ requests: 585, pending: [90, 1_000] }, { requests: 35 }, 60_000)
    const losing = {
      ...lost,
      canary: { ...lost.canary, begun: 75 },
    }
    const missed = updateEvidence(openStep(undefined, sticky, policy), losing, sticky, policy)
    expect(decideOn(missed, sticky, policy).message).toMatch(/^the canary accounts for 4\.93 % of 710 requests /)
  })
})

describe('a tick', () => {
  it('comes every 15 s of the rollout, for any portions', () => {
    let evidence = openStep(undefined, step1, policy)
    const ticks: number[] = []
    for (const elapsedMs of [14_999, 1, 1, 29_998, 1, 60_000]) {
      evidence = update(evidence, step1, elapsedMs)
      ticks.push(evidence.ticks)
    }
    expect(ticks).toEqual([0, 1, 1, 2, 3, 7])
  })

  it('tests for harm before it puts prior weight on the new moment', () => {
    const evidence = update(openStep(undefined, step1, policy), step1, 15_000, {})
    expect(Math.exp(evidence.combinedEvidence)).toBeCloseTo(0.5, 12)
    expect(priorWeightOf(evidence)).toBeCloseTo(0.5 + 0.379 / 11 ** 1.5, 12)
  })

  it('spreads half of its prior weight evenly over the time before it, and puts half on its end', () => {
    const priorWeight = 0.379 / 11 ** 1.5
    const before = update(openStep(undefined, step1, policy), step1, 10_000, {})
    expect(before.priorWeightSoFar).toBeCloseTo(priorWeight / 3, 12)
    const almost = update(before, step1, 4_999.999, {})
    expect(almost.priorWeightSoFar).toBeCloseTo(priorWeight / 2, 6)
    expect(update(almost, step1, 0.001, {}).priorWeightSoFar).toBeCloseTo(priorWeight, 12)
  })

  it('adds prior weight to the evidence of safety as well, which a step starts with 0.85', () => {
    const silent = (evidence: Evidence, context: StepContext) => update(evidence, context, 15_000, {})
    const second = openStep(silent(silent(openStep(undefined, step1, policy), step1), step1), step2, policy)
    const before = firstOf(safetyOf(second))
    const first = (0.15 / 0.2339) * (0.379 / 11 ** 1.5) // of ticks that count from the opening of the step
    expect(Math.exp(firstOf(safetyOf(silent(second, step2))))).toBeCloseTo(Math.exp(before) + first, 12)
  })

  it('ends a window of both arms, whose noise applies to later blocks and not to this one', () => {
    const loud = { ...ordinary, errors: 400 }
    const jumps = (windows: number): Evidence => {
      if (windows === 0) return openStep(undefined, step1, policy)
      const baseline = windows % 2 === 0 ? ordinary : loud
      return updateEvidence(jumps(windows - 1), blockOf(baseline, alike), step1, policy)
    }
    expect(windowCountOf(jumps(1).baselineHistory)).toBe(61)
    expect([4, 5].map((windows) => dispersionsOf(jumps(windows))[0]! > 5)).toEqual([false, true]) // four pairs
    const calm = openStep(undefined, step1, policy)
    const noisy = withStates(calm, (state, _, at) => {
      const dispersion = [9, 1, 1, 1][at]!
      return { ...state, dispersion: { whole: dispersion, trimmed: dispersion } }
    })
    const first = jumps(1)
    const dispersed = updateEvidence(noisy, blockOf(loud, alike), step1, policy)
    expect(dispersionsOf(dispersed)[0]).toBe(dispersionsOf(first)[0])
    expect(memoryOf(dispersed)).toEqual(memoryOf(first))
    const gained = (evidence: Evidence) =>
      Math.exp(firstOf(safetyOf(evidence))) - evidence.priorWeightSoFar * (0.15 / 0.2339)
    expect(Math.log(gained(dispersed) / 0.85)).toBeCloseTo(Math.log(gained(first) / 0.85) / 9, 9)
  })

  it('ends no window between ticks', () => {
    const evidence = update(openStep(undefined, step1, policy), step1, 7_000)
    expect(windowCountOf(evidence.baselineHistory)).toBe(60)
    expect(evidence.baselineWindow).toEqual(arm(ordinary))
    expect(update(evidence, step1, 8_000).baselineWindow).toEqual(arm({}))
  })
})

describe('thresholds', () => {
  const context = contextOf(guardrails)
  const windows = (count: number, evidence = openStep(undefined, context, policy)): Evidence =>
    count === 0 ? evidence : windows(count - 1, update(evidence, context))

  it('without a history are taken after eleven windows of the rollout', () => {
    expect(thresholdsIn(windows(10))).toEqual([{}, null, null, null])
    expect(thresholdsIn(windows(11)).map(keysOf)).toEqual([
      [],
      ['capMs'],
      ['bin', 'hungBin', 'margin'],
      ['labels', 'shares'],
    ])
  })

  it('of scores: the mean is tested from the start on, and the distribution is added to it', () => {
    const scored = [scoreShift({ margin: 0.05 })]
    const context = contextOf(scored)
    const scores = Array.from({ length: 200 }, (_, at) => (at + 0.5) / 200)
    const after = (windows: number) => {
      let evidence = openStep(undefined, context, policy)
      for (let window = 0; window < windows; window += 1) {
        evidence = updateEvidence(
          evidence,
          blockOf({ requests: 200, scores }, { requests: 200, scores }),
          context,
          policy,
        )
      }
      return evidence
    }
    const [before, complete] = [after(10), after(11)]
    expect([before, complete].map((evidence) => statesOf(evidence)[0]!.length)).toEqual([1, 2])
    expect(before.guardrails[0]!.thresholds).toEqual({})
    expect(complete.guardrails[0]!.thresholds).toMatchObject({ classes: { margin: 0.1 } })
    const [mean, total] = statesOf(complete)[0]!
    expect(mean!.seen.canary.count).toBe(2_200)
    expect(total!.sides[0]!.inferiority[0]).toBeCloseTo(Math.log(0.5 + complete.priorWeightSoFar), 12)
    expect(statesOf(after(13))[0]![1]!.learned!.known.canary.reduce((sum, count) => sum + count)).toBe(400)
  })

  it('leave the evidence of their guardrails at its prior weight until then', () => {
    const evidence = windows(10)
    const { combinedEvidence, priorWeightSoFar } = evidence
    expect(statesOf(evidence).map((list) => list.length)).toEqual([1, 0, 0, 0])
    expect(Math.exp(combinedEvidence)).toBeGreaterThan(0.6 * 0.5) // errors have less than half of all, and the rest keep theirs
    expect(priorWeightSoFar).toBeGreaterThan(0.05)
  })

  it('start with the prior weight of all earlier moments', () => {
    const evidence = windows(11)
    expect(harmsOf(evidence)[2]).toEqual(
      Array.from({ length: 4 }, () => expect.closeTo(Math.log(0.5 + evidence.priorWeightSoFar), 12)),
    )
  })

  it('start with the cautious dispersion, which the windows of the rollout replace', () => {
    expect(dispersionsOf(windows(4))).toEqual([3, 1, 1, 1])
    expect(dispersionsOf(windows(10))).toEqual([expect.closeTo(60 / 29, 9), 1, 1, 1]) // nine pairs without a change
    expect(dispersionsOf(windows(11)).slice(1)).toEqual([3, 3, 3])
    expect(dispersionsOf(windows(60))).toEqual([1, 1, 1, 1])
  })

  it('stay the same, even if the baseline drifts', () => {
    let evidence = windows(11)
    const thresholds = thresholdsIn(evidence)
    for (let window = 0; window < 50; window += 1) {
      const slower = { ...ordinary, latencyMs: 300, predictions: { eel: 800 } }
      evidence = updateEvidence(evidence, blockOf(slower, alike), context, policy)
    }
    expect(thresholdsIn(evidence)).toEqual(thresholds)
  })
})

describe('evidence of something else', () => {
  const own = update(openStep(undefined, step1, policy), step1)
  const afresh = openStep(undefined, step2, policy)

  it.each<readonly [string, unknown]>([
    ['of other guardrails', openStep(undefined, contextOf([errorRate()]), policy)],
    [
      'of the same guardrails with another margin',
      openStep(undefined, contextOf([errorRate({ margin: 0.1 }), ...guardrails.slice(1)]), policy),
    ],
    ['of the same guardrails under another policy', openStep(undefined, step1, resolvePolicy({ tolerable: 0.1 }))],
    ['of another judge', { baseline: arm(ordinary), canary: arm(alike) }],
    ['of no judge', null],
    ['of no form', { ...own, form: undefined }],
    ['of the form of an earlier release', { ...own, form: own.form.replace('evidence/5', 'evidence/3') }],
    ['of a form to come', { ...own, form: own.form.replace('evidence/5', 'evidence/6') }],
    ['that is text', JSON.stringify(own)],
  ])('%s is not used', (_, other) => {
    expect(isEvidenceFor(other, step2, policy)).toBe(false)
    expect(openStep(other, step2, policy)).toEqual(afresh)
    expect(update(other, step2)).toEqual(update(afresh, step2))
  })

  it('of these guardrails and this judge is used, also as JSON', () => {
    expect(isEvidenceFor(JSON.parse(JSON.stringify(own)), step2, policy)).toBe(true)
    expect(openStep(own, step2, policy).baselineHistory).toBe(own.baselineHistory)
  })
})
