import { describe, expect, it } from 'vitest'
import type { Check, CheckEvidence } from '../judging/judge.js'
import { resolveCourse } from './course.js'
import { etaOf } from './eta.js'
import { linearPlan } from './plan.js'
import { after, course, passed, running } from './rollout.fixture.js'

const requests = { baseline: 900, canary: 100 }
const atStep1 = {
  ...running(after([{ type: 'start' }, { type: 'warmed' }, passed])),
  requests,
  waitingFor: 'time' as const,
}

const evidence: CheckEvidence = {
  harm: { now: 0.1, needed: 20 },
  safety: { now: 4, needed: 16 },
  tolerable: 0.01,
  interval: null,
  dispersion: 1,
  doublingMs: 30_000,
  etaMs: 60_000,
}

const check = (change: Partial<Check> = {}): Check => ({
  guardrail: 'errorRate',
  severity: 'rollback',
  outcome: 'undecided',
  rule: 'evidence',
  baseline: 0.01,
  canary: 0.01,
  difference: 0,
  margin: 0.02,
  limit: null,
  samples: { baseline: 900, canary: 100 },
  reason: '',
  evidence,
  ...change,
})

describe('the time that is left', () => {
  it('is what the slowest guardrail still needs, and never less than the plan asks for', () => {
    const fast = check({ evidence: { ...evidence, etaMs: 1_000 } })
    const { minDurationMs } = course.steps[0]!
    expect(etaOf(atStep1, course, [fast])?.stepMs).toBe(minDurationMs)
    expect(etaOf({ ...atStep1, elapsedInStepMs: minDurationMs }, course, [fast, check()])?.stepMs).toBe(60_000)
  })

  it('counts a later step by the half of the evidence that is not carried, gathered faster at its weight', () => {
    const state = { ...atStep1, elapsedInStepMs: 3_600_000, requests: { baseline: 90_000, canary: 10_000 } }
    // 16 is four doublings, two of them carried: 2 · 30 s · (10 · 90)/(50 · 50) = 21.6 s, below the step's minimum, and
    // 60 s at 90 %
    const { stepMs, promotionMs } = etaOf(state, course, [check()])!
    expect(promotionMs - stepMs).toBe(course.steps[1]!.minDurationMs + course.bake.durationMs)
    const slow = check({ evidence: { ...evidence, doublingMs: 3_000_000 } })
    expect(etaOf(state, course, [slow])!.promotionMs - stepMs).toBe(2_160_000 + 6_000_000)
  })

  it('is not told where a guardrail gathers no evidence, or where nothing is under way', () => {
    expect(etaOf(atStep1, course, [check({ evidence: { ...evidence, etaMs: null } })])).toBeNull()
    expect(etaOf(atStep1, course, [])).toBeNull()
    expect(etaOf(after([{ type: 'pause' }], atStep1), course, [check()])).toBeNull()
    expect(etaOf(after([{ type: 'rollback' }], atStep1), course, [check()])).toBeNull()
  })

  it('is not told without traffic, at a gate, or where the step goes on though its time is over', () => {
    const held = check({ outcome: 'held' })
    const isOver = { ...atStep1, elapsedInStepMs: 60_000 }
    expect(etaOf(atStep1, course, [held])).not.toBeNull()
    expect(etaOf({ ...atStep1, requests: { baseline: 900, canary: 0 } }, course, [held])).toBeNull()
    expect(etaOf({ ...atStep1, waitingFor: 'data' }, course, [held])).toBeNull()
    expect(etaOf({ ...isOver, waitingFor: 'gate' }, course, [held])).toBeNull()
    expect(etaOf({ ...isOver, waitingFor: 'evidence' }, course, [held])).toBeNull()
    expect(etaOf({ ...isOver, waitingFor: null }, course, [held])?.stepMs).toBe(0)
  })

  it('counts the requests that a step asks for, at the present traffic and the weight of that step', () => {
    const asking = resolveCourse({ plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 1_000 }) })
    const held = check({ outcome: 'held', evidence: { ...evidence, doublingMs: null } })
    const state = { ...atStep1, elapsedInStepMs: 60_000, waitingFor: 'requests' as const } // 100 of the canary a minute
    const { stepMs, promotionMs } = etaOf(state, asking, [held])!
    expect(stepMs).toBe(9 * 60_000)
    // at 50 % both arms get 500 a minute; at 90 % the baseline gets 100
    expect(promotionMs - stepMs).toBe(2 * 60_000 + 10 * 60_000)
  })

  it('counts the bake as a step if it keeps a part of the baseline', () => {
    const slow = check({ evidence: { ...evidence, doublingMs: 3_000_000 } })
    const state = { ...atStep1, elapsedInStepMs: 3_600_000, requests: { baseline: 90_000, canary: 10_000 } }
    const untilPromotion = (bake: object) => {
      const { stepMs, promotionMs } = etaOf(state, { ...course, bake: { ...course.bake, ...bake } }, [slow])!
      return promotionMs - stepMs
    }
    // two doublings of 3,000 s each at 10 %; at 50 % 2.8 times as fast, and at 90 % as slowly as at 10 %
    expect(untilPromotion({})).toBe(2_160_000 + 6_000_000)
    expect(untilPromotion({ holdbackPercent: 0 })).toBe(2_160_000 + 60_000)
    expect(untilPromotion({ durationMs: 0 })).toBe(2_160_000)
  })

  it('is the rest of the bake while baking, or what its guardrails still need', () => {
    const baking = {
      ...running(after([passed, passed], atStep1)),
      requests,
      elapsedInStepMs: 20_000,
      waitingFor: 'time' as const,
    }
    expect(baking).toMatchObject({ state: 'baking', weight: 90 })
    expect(etaOf(baking, course, [check({ outcome: 'held' })])).toEqual({ stepMs: 40_000, promotionMs: 40_000 })
    expect(etaOf(baking, course, [check()])).toEqual({ stepMs: 60_000, promotionMs: 60_000 })
    const alone = { ...course, bake: { ...course.bake, holdbackPercent: 0 } }
    expect(etaOf({ ...baking, weight: 100 }, alone, [check()])).toEqual({ stepMs: 40_000, promotionMs: 40_000 })
  })

  it('does not wait for a guardrail that is only observed', () => {
    const observed = check({ severity: 'observe', evidence: { ...evidence, etaMs: null } })
    expect(etaOf(atStep1, course, [check({ outcome: 'held' }), observed])).not.toBeNull()
  })

  it('is the rest of the warm-up and the plan while warming', () => {
    const warming = {
      ...running(after([{ type: 'start' }, { type: 'warmed' }])),
      requests,
      waitingFor: 'time' as const,
    }
    expect(etaOf(warming, course, [])?.stepMs).toBe(course.warmUp.durationMs)
  })
})
