import { describe, expect, it } from 'vitest'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { emptySummary, type Summary } from '../summaries/summary.js'
import { evidenceJudge } from './evidence-judge.js'
import type { Judge, Phase } from './judge.js'
import { leftOutNote } from './left-out.js'
import { thresholdJudge } from './threshold-judge.js'

const begun = { baseline: 9_000, canary: 1_000 }

describe('the note', () => {
  it('is missing if the calls are few', () => {
    expect(leftOutNote({ baseline: 0, canary: 20 }, begun, 'step')).toBeUndefined()
    expect(leftOutNote({ baseline: 183, canary: 20 }, begun, 'step')).toBeUndefined()
    expect(leftOutNote({ baseline: 0, canary: 0 }, { baseline: 0, canary: 0 }, 'step')).toBeUndefined()
  })

  it('names the version that is affected more', () => {
    expect(leftOutNote({ baseline: 0, canary: 111 }, begun, 'step')?.message).toContain(
      "9.99 % of the canary's calls are not",
    )
    expect(leftOutNote({ baseline: 3_000, canary: 0 }, begun, 'step')?.message).toContain(
      "25 % of the baseline's calls",
    )
    expect(leftOutNote({ baseline: 3_000, canary: 0 }, begun, 'step')?.message).toMatch(/calls are judged as usual$/)
  })

  it('says what a person does if no step ends, and that a warning changes nothing', () => {
    const message = (canary: number) => leftOutNote({ baseline: 100, canary }, begun, 'step')?.message
    expect(message(111)).toMatch(
      /; all other calls .* usual, but no step ends if this rises to 20 points above the baseline's part$/,
    )
    expect(message(1_000)).toMatch(
      /^50 % .*; no step ends while this is more than 20 points above the baseline's 1\.1 %: find these users, then wait until their part has fallen, or call promote\(\)$/,
    )
  })

  it('holds if they are a fifth more of the canary than of the baseline', () => {
    const isHeld = (baseline: number, canary: number, phase: Phase = 'step') =>
      leftOutNote({ baseline, canary }, begun, phase)?.isHeld
    expect([isHeld(0, 249), isHeld(0, 251), isHeld(1_000, 370), isHeld(1_000, 500)]).toEqual([false, true, false, true])
    expect([isHeld(9_000, 0), isHeld(9_000, 1_100), isHeld(0, 9_000, 'warm-up')]).toEqual([false, false, false])
    expect(isHeld(0, 9_000, 'bake')).toBe(true)
  })
})

describe.each<[string, Judge]>([
  ['the evidence judge', evidenceJudge({ minWindows: 0, minStepMs: 0 })],
  ['the threshold judge', thresholdJudge()],
])('%s', (_, judge) => {
  const guardrails = [errorRate({ margin: 0.02 })]
  const context = { guardrails, epoch: 1, step: 2, stepsLeft: 3, weight: 25, phase: 'step' as const, calibration: {} }
  const arm = (requests: number, errors: number, leftOut: number): Summary => {
    const empty = emptySummary()
    const outcomes = { ...empty.outcomes, success: requests - errors, error: errors }
    return { ...empty, begun: requests, leftOut, outcomes }
  }
  const verdictOn = (leftOut: number, errors = 10) => {
    const block = { baseline: arm(3_000, 30, 0), canary: arm(1_000, errors, leftOut), elapsedMs: 60_000 }
    return judge.decide(judge.update(judge.open(undefined, context), block, context), context, 60_000)
  }

  it('passes a canary without them, and warns of some', () => {
    expect(verdictOn(0)).toMatchObject({ kind: 'pass' })
    expect(verdictOn(0)).not.toHaveProperty('warning')
    expect(verdictOn(100)).toMatchObject({ kind: 'pass', warning: expect.stringContaining('9.09 %'), about: 'split' })
  })

  it('holds if they are many, and still rolls back harm that the others show', () => {
    const message = expect.stringContaining('not compared')
    expect(verdictOn(500)).toMatchObject({ kind: 'inconclusive', response: 'hold', message, about: 'split' })
    expect(verdictOn(500, 300)).toMatchObject({ kind: 'fail', response: 'rollback' })
  })
})
