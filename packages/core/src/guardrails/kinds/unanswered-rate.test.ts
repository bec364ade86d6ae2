import { describe, expect, it } from 'vitest'
import { thresholdJudge } from '../../judging/threshold-judge.js'
import { emptySummary, type Summary } from '../../summaries/summary.js'
import { arm } from '../arm.fixture.js'
import { compareArms } from '../kind-of.js'
import { unansweredRate } from './unanswered-rate.js'

describe('unansweredRate', () => {
  it('has a margin of two points, and takes its age limit from the baseline', () => {
    expect(unansweredRate()).toEqual({
      kind: 'unansweredRate',
      name: 'unansweredRate',
      severity: 'rollback',
      margin: 0.02,
      limit: null,
      afterMs: null,
    })
    expect(
      unansweredRate({ margin: 0.1, limit: 0.3, afterMs: 2_000, severity: 'observe', name: 'lost' }),
    ).toMatchObject({
      name: 'lost',
      severity: 'observe',
      margin: 0.1,
      limit: 0.3,
      afterMs: 2_000,
    })
    expect(unansweredRate({ afterMs: null }).afterMs).toBeNull()
  })

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648, '5' as unknown as number])(
    'refuses afterMs %s',
    (afterMs) => {
      expect(() => unansweredRate({ afterMs })).toThrow(/^\[INVALID_OPTION\] unansweredRate\.afterMs/)
    },
  )

  it('refuses margins that are not fractions, and unknown options', () => {
    expect(() => unansweredRate({ margin: 2 })).toThrow(/\[MARGIN_NOT_A_FRACTION\]/)
    expect(() => unansweredRate({ margin: -0.1 })).toThrow(/unansweredRate\.margin/)
    expect(() => unansweredRate({ limit: 2 })).toThrow(/\[INVALID_OPTION\]/)
    expect(() => unansweredRate({ after: 5 } as object)).toThrow(/\[UNKNOWN_OPTION\]/)
  })
})

describe('the rate', () => {
  const comparison = (baseline: Summary, canary: Summary) => compareArms(unansweredRate(), { baseline, canary })

  it('counts decided calls only', () => {
    const baseline = arm({ requests: 99, unanswered: 1, aborted: 50 })
    const canary = arm({
      requests: 60,
      errors: 60,
      unanswered: 40,
      unansweredOpen: 30,
      aborted: 500,
      pending: [70, 9_000],
    })
    expect(comparison(baseline, canary)).toMatchObject({
      subject: 'rate of unanswered requests',
      counted: 'decided requests',
      baseline: 0.01,
      canary: 0.4,
      difference: expect.closeTo(0.39, 12),
      samples: { baseline: 100, canary: 100 },
    })
  })

  it('has no trials in a summary that was stored without counts of answers', () => {
    const { answers: _answers, ...old } = emptySummary()
    expect(comparison(old as Summary, old as Summary).samples).toEqual({ baseline: 0, canary: 0 })
  })
})

describe('under a threshold judge', () => {
  const judge = thresholdJudge()
  const verdictOn = (canary: Summary, phase: 'warm-up' | 'step' | 'bake' = 'step') => {
    const context = {
      guardrails: [unansweredRate()],
      epoch: 1,
      step: 1,
      stepsLeft: 1,
      weight: 50,
      phase,
      calibration: {},
    } as const
    const block = { baseline: arm({ requests: 1_000 }), canary, elapsedMs: 60_000 }
    return judge.decide(judge.update(judge.open(undefined, context), block, context), context, 60_000)
  }

  it('rolls back in every live state if more than the margin is unanswered', () => {
    for (const phase of ['warm-up', 'step', 'bake'] as const) {
      expect(verdictOn(arm({ requests: 970, unanswered: 30 }), phase).kind).toBe('fail')
      expect(verdictOn(arm({ requests: 990, unanswered: 10 }), phase).kind).toBe('pass')
    }
  })

  it('does not change with early departures, or with calls that are not decided', () => {
    expect(verdictOn(arm({ requests: 1_000, aborted: 5_000, pending: [500, 100] })).kind).toBe('pass')
    expect(verdictOn(arm({ aborted: 5_000, pending: [500, 100] })).kind).toBe('inconclusive')
  })
})
