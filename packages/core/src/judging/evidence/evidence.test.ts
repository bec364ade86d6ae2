import { describe, expect, it } from 'vitest'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { scoreShift } from '../../guardrails/kinds/score-shift.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { noHistory } from './baseline-history.js'
import { contextOf, historyOf, ordinary, policy, statesOf, yes } from './evidence.fixture.js'
import { beginEvidence, formOf, startGuardrail, thresholdsIfKnown } from './evidence.js'
import { resolvePolicy } from './policy.js'

/** Which thresholds a guardrail has. */
const keysOf = (thresholds: object | null) => thresholds && Object.keys(thresholds)

const guardrails = [errorRate(), latency(), tailLatency(), predictionShift()]

describe('evidence at the beginning', () => {
  it('has no counts and no evidence', () => {
    expect(beginEvidence(contextOf(guardrails), policy)).toMatchObject({
      elapsedMs: 0,
      stepElapsedMs: 0,
      ticks: 0,
      weightedSteps: 0,
      priorWeightSoFar: 0,
      demoted: false,
      combinedEvidence: 0,
      begun: { baseline: 0, canary: 0 },
      ended: { baseline: 0, canary: 0 },
      accounted: { baseline: 0, canary: 0 },
      answered: 0,
    })
  })

  it('knows the baseline from before the rollout', () => {
    const calibration = { baselineHistory: historyOf(guardrails, 60) }
    const evidence = beginEvidence(contextOf(guardrails, { calibration }), policy)
    const states = statesOf(evidence)
    expect(evidence.guardrails.map(({ thresholds }) => keysOf(thresholds))).toEqual([
      [],
      ['capMs'],
      ['bin', 'hungBin', 'margin'],
      ['labels', 'shares'],
    ])
    expect(states.map((of) => of.length)).toEqual([1, 1, 2, 2])
    expect(states[0]?.[0]?.memory).toEqual(yes(40, 4_000)) // 1 % of 60 windows
    expect(states[1]?.[0]?.scatter.baseline.count).toBe(60 * 900)
  })

  it('has only hypotheses without thresholds if there is no history', () => {
    const evidence = beginEvidence(contextOf([...guardrails, scoreShift({ margin: 1 })]), policy)
    expect(evidence.guardrails.map(({ thresholds }) => thresholds)).toEqual([{}, null, null, null, {}])
    expect(statesOf(evidence).map((of) => of.length)).toEqual([1, 0, 0, 0, 1])
  })

  it('ignores a value that is not a history', () => {
    const calibration = { baselineHistory: { windows: 60 } }
    expect(beginEvidence(contextOf(guardrails, { calibration }), policy).baselineHistory).toEqual(noHistory())
  })
})

describe('thresholds', () => {
  it('are taken from eleven windows of the baseline on', () => {
    expect(thresholdsIfKnown(tailLatency(), historyOf(guardrails, 10), policy)).toBeNull()
    expect(thresholdsIfKnown(tailLatency(), historyOf(guardrails, 11), policy)).toEqual({
      bin: 842,
      hungBin: 1017,
      margin: expect.closeTo(0.01, 12),
    })
  })

  it('wait longer if those windows have no data for them', () => {
    const mute = historyOf(guardrails, 60, () => ({ requests: 100 }))
    expect(thresholdsIfKnown(predictionShift(), mute, policy)).toBeNull()
    expect(thresholdsIfKnown(latency(), mute, policy)).toMatchObject({ capMs: 299.5185 })
  })
})

describe('hypotheses that begin late', () => {
  it('begin with the prior weight of all earlier moments', () => {
    const [state] = startGuardrail(errorRate(), { past: noHistory(), history: noHistory() }, 0.17, policy).hypotheses
    expect(state?.sides[0]?.inferiority.map(Math.exp)).toEqual(
      [0.67, 0.67, 0.67, 0.67].map((m) => expect.closeTo(m, 12)),
    )
  })
})

describe('the form', () => {
  it('is the same for the same guardrails, and different for others', () => {
    expect(formOf(guardrails, policy)).toBe(formOf([...guardrails], policy))
    expect(formOf(guardrails, policy)).not.toBe(formOf(guardrails.slice(1), policy))
    expect(formOf([errorRate({ margin: 0.02 })], policy)).not.toBe(formOf([errorRate({ margin: 0.03 })], policy))
    expect(formOf([errorRate()], policy)).not.toBe(formOf([errorRate({ severity: 'hold' })], policy))
  })

  it('is the same for the same policy, and different for another, also if both alternate', () => {
    const strict = resolvePolicy({ tolerable: 0.1 })
    const ordinaryForm = formOf(guardrails, policy)
    expect(formOf(guardrails, strict)).not.toBe(ordinaryForm)
    expect(formOf(guardrails, policy)).toBe(ordinaryForm)
    expect(formOf(guardrails, resolvePolicy())).toBe(ordinaryForm)
  })
})

it('evidence is plain JSON from the beginning', () => {
  const calibration = { baselineHistory: historyOf(guardrails, 60) }
  const evidence = beginEvidence(contextOf(guardrails, { calibration }), policy)
  expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence)
  expect(historyOf(guardrails, 1, () => ordinary)).toEqual(historyOf(guardrails, 1))
})
