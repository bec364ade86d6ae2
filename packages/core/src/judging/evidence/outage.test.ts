import { describe, expect, it } from 'vitest'
import { arm } from '../../guardrails/arm.fixture.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { evidenceJudge } from '../evidence-judge.js'
import type { Judge } from '../judge.js'
import { thresholdJudge } from '../threshold-judge.js'
import { blockOf, contextOf, historyOf } from './evidence.fixture.js'
import { healthAfter, isOutage, unknownHealth } from './outage.js'

const line = { outageRate: 0.5 }
const health = (baseline: number, canary: number, requests = 100) =>
  healthAfter(unknownHealth, {
    baseline: arm({ requests, errors: baseline }),
    canary: arm({ requests, errors: canary }),
  })

describe('an outage', () => {
  it('means that both arms fail in more than half of their latest calls', () => {
    expect(isOutage(health(51, 51), line)).toBe(true)
    expect(isOutage(health(50, 100), line)).toBe(false)
    expect(isOutage(health(100, 50), line)).toBe(false)
    expect(isOutage(health(60, 60), { outageRate: 0.7 })).toBe(false)
  })

  it('needs more than a handful of calls', () => {
    expect(isOutage(health(9, 9, 9), line)).toBe(false)
    expect(isOutage(health(10, 10, 10), line)).toBe(true)
  })

  it('counts a call without an answer as a failed one, and a timeout once', () => {
    const hung = arm({ requests: 20 })
    const unanswered = { ...hung, answers: { ...hung.answers!, decided: 20, unanswered: 20 } }
    expect(healthAfter(unknownHealth, { baseline: unanswered, canary: unanswered }).canary).toMatchObject({
      count: 20,
      sum: 20,
    })
  })

  it('is over when some fifty calls of an arm have been answered', () => {
    const down = health(100, 100)
    const up = { baseline: arm({ requests: 60 }), canary: arm({ requests: 60 }) }
    expect(isOutage(healthAfter(down, up), line)).toBe(false)
  })
})

const guardrails = [errorRate(), predictionShift()]
const context = contextOf(guardrails, { calibration: { baselineHistory: historyOf(guardrails) } })
const told = (judge: Judge, errors: number, blocks: number, before?: unknown) => {
  const story = (requests: number) => ({
    requests,
    errors: requests * errors,
    predictions: { cat: 0.6 * requests, dog: 0.4 * requests },
  })
  let evidence = before ?? judge.open(undefined, context)
  for (let block = 0; block < blocks; block += 1) {
    evidence = judge.update(evidence, blockOf(story(900), story(100)), context)
  }
  return evidence
}

describe.each([
  ['the evidence judge', evidenceJudge() as Judge],
  ['the threshold judge', thresholdJudge() as Judge],
])('while both versions fail, %s', (_, judge) => {
  it.each([0.6, 0.99, 1])('promotes nothing on a rate of %d, and says so', (errors) => {
    const verdict = judge.decide(told(judge, errors, 40), context, 600_000)
    expect(verdict).toMatchObject({ kind: 'inconclusive', response: 'hold', about: 'outage' })
    expect(verdict.message).toContain('more than 50 % of the calls of both versions fail')
  })

  it('promotes nothing in an outage that begins late in a step', () => {
    const before = told(judge, 0.1, 40)
    expect(judge.decide(before, context, 600_000)).toMatchObject({ kind: 'pass' })
    expect(judge.decide(told(judge, 1, 2, before), context, 630_000)).toMatchObject({
      response: 'hold',
      about: 'outage',
    })
  })

  it('still promotes on a rate of 10 % in both', () => {
    expect(judge.decide(told(judge, 0.1, 40), context, 600_000)).toMatchObject({ kind: 'pass' })
  })
})

it('an outage gives no evidence of safety, which has to be gathered afterwards', () => {
  const judge = evidenceJudge()
  const safetyOf = (evidence: unknown) =>
    judge
      .decide(evidence as ReturnType<typeof judge.open>, context, 600_000)
      .checks.map(({ evidence }) => evidence!.safety.now)
  const down = told(judge as Judge, 1, 40)
  for (const safety of safetyOf(down)) expect(safety).toBeLessThanOrEqual(1.01)
  for (const safety of safetyOf(told(judge as Judge, 0.01, 20))) expect(safety).toBeGreaterThan(20)
  const recovered = told(judge as Judge, 0.01, 300, down) // while the outage is in the baseline's history it counts as noise
  expect(judge.decide(recovered as ReturnType<typeof judge.open>, context, 1_500_000)).toMatchObject({ kind: 'pass' })
})

it('a canary that is broken when the outage ends is found as usual', () => {
  const judge = evidenceJudge()
  let evidence = told(judge as Judge, 1, 40) as ReturnType<typeof judge.open>
  for (let block = 0; block < 20; block += 1) {
    evidence = judge.update(evidence, blockOf({ requests: 900, errors: 9 }, { requests: 100, errors: 50 }), context)
  }
  expect(judge.decide(evidence, context, 900_000)).toMatchObject({ kind: 'fail', response: 'rollback' })
})
