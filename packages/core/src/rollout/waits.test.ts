import { describe, expect, it } from 'vitest'
import type { Check } from '../judging/judge.js'
import { resolveCourse } from './course.js'
import { etaOf } from './eta.js'
import { linearPlan } from './plan.js'
import { after, passed } from './rollout.fixture.js'
import type { RolloutState } from './state.js'
import { waitsOf } from './waits.js'

const course = resolveCourse({ plan: linearPlan([10, 100], { minDurationMs: 60_000, minRequests: 1_000 }) })
const started = after([{ type: 'start' }, { type: 'warmed' }, passed])
const atStep1 = { ...started, elapsedInStepMs: 45_000, requests: { baseline: 900, canary: 100 } }
const windows = { what: 'baseline windows of 15 s', have: 12, need: 40, etaMs: 420_000 }
const safety = { now: 4, needed: 16 }

const check = (change: Partial<Check>): Check =>
  ({
    guardrail: 'errorRate',
    severity: 'rollback',
    outcome: 'undecided',
    evidence: { safety, etaMs: 1_000, doublingMs: null },
    ...change,
  }) as Check

describe('waitsOf', () => {
  it('lists everything that the step waits for, with what there is and what it takes', () => {
    const checks = [check({}), check({ guardrail: 'latency', outcome: 'held' }), check({ severity: 'observe' })]
    expect(waitsOf(atStep1, course, checks, [windows])).toEqual([
      { for: 'time', what: 'ms in the step', have: 45_000, need: 60_000 },
      { for: 'requests', what: 'canary requests', have: 100, need: 1_000 },
      { for: 'requests', what: 'baseline requests', have: 900, need: 1_000 },
      { for: 'evidence', what: 'baseline windows of 15 s', have: 12, need: 40 },
      { for: 'evidence', what: 'evidence of errorRate', have: 4, need: 16 },
    ])
  })

  it('begins with the first request, and asks for no baseline where it has no share', () => {
    const alone = { ...atStep1, weight: 100, requests: { baseline: 0, canary: 0 } }
    expect(waitsOf(alone, course, [check({})], []).map(({ what }) => what)).toEqual([
      'canary requests',
      'ms in the step',
      'canary requests',
    ])
  })

  it('is empty once everything is there, but for a gate', () => {
    const full = { ...atStep1, elapsedInStepMs: 60_000, requests: { baseline: 1_000, canary: 1_000 } }
    expect(waitsOf(full, course, [], [])).toEqual([])
    const gated = resolveCourse({ plan: linearPlan([10, 100], { minRequests: 0, gate: 'manual' }) })
    expect(waitsOf(full, gated, [], [])).toEqual([{ for: 'gate', what: 'yes of the gate', have: 0, need: 1 }])
  })

  it('is empty where nothing moves', () => {
    expect(waitsOf(after([{ type: 'pause' }], atStep1), course, [check({})], [windows])).toEqual([])
    expect(waitsOf(after([{ type: 'rollback' }], atStep1), course, [check({})], [windows])).toEqual([])
  })
})

describe('the time that is left', () => {
  it('counts what the judge waits for besides its checks, such as windows of the baseline', () => {
    const full = { ...atStep1, elapsedInStepMs: 60_000, requests: { baseline: 9_000, canary: 1_000 } }
    const waiting = { ...full, waitingFor: 'evidence' } as RolloutState
    expect(etaOf(waiting, course, [check({ outcome: 'held' })])).toBeNull()
    expect(etaOf(waiting, course, [check({ outcome: 'held' })], [windows])?.stepMs).toBe(420_000)
  })
})
