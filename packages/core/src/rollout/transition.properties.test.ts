import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Course, resolveCourse } from './course.js'
import type { RolloutEvent } from './event.js'
import { linearPlan } from './plan.js'
import { breach } from './rollout.fixture.js'
import { idleState, isLive, isTerminal, type RolloutState, switchOf } from './state.js'
import { transition } from './transition.js'

/** An event that is made for the state it meets: fresh, or stale by so much. */
type Recipe = (state: RolloutState) => RolloutEvent

const sinceMs = fc.constantFrom(0, 10_000, 60_000)
const count = fc.constantFrom(0, 1, 9, 10, 1_000)

const look: fc.Arbitrary<Recipe> = fc
  .record({
    sinceMs,
    kind: fc.constantFrom('pass', 'pass', 'pass', 'inconclusive', 'error', 'fail'),
    response: fc.constantFrom('rollback', 'demote', 'hold'),
    requests: fc.record({ baseline: count, canary: count }),
    late: fc.constantFrom(0, 0, 0, 0, 1),
    behind: fc.constantFrom(0, 0, 0, 0, 1),
  })
  .map(
    ({ sinceMs, kind, response, requests, late, behind }): Recipe =>
      ({ epoch, step }) => ({
        type: 'analyzed',
        sinceMs,
        requests,
        verdict: {
          kind: kind as 'pass',
          epoch: epoch - late,
          step: step - behind,
          checks: kind === 'fail' ? [breach] : [],
          ...(kind === 'fail' && { response: response as 'rollback' }),
        },
      }),
  )

const verb: fc.Arbitrary<Recipe> = fc
  .oneof(
    fc.constantFrom<RolloutEvent>({ type: 'start' }, { type: 'warmed' }, { type: 'warmed' }, { type: 'resume' }),
    fc.constantFrom<RolloutEvent>({ type: 'rollback' }, { type: 'enable' }, { type: 'enable' }, { type: 'disable' }),
    fc.constantFrom<RolloutEvent>({ type: 'pause' }, { type: 'pause', untilMs: 30_000 }, { type: 'promote' }),
    fc.constantFrom<RolloutEvent>({ type: 'promote', full: true }, { type: 'retry' }, { type: 'retry', fromStep: 3 }),
  )
  .chain((event) =>
    sinceMs.map(
      (since): Recipe =>
        () => ({ ...event, sinceMs: since }),
    ),
  )

const answer: fc.Arbitrary<Recipe> = fc.tuple(fc.boolean(), fc.constantFrom(0, 0, 1)).map(
  ([open, late]): Recipe =>
    ({ epoch, step }) => ({ type: 'gate', epoch: epoch - late, step, open }),
)

const trip: fc.Arbitrary<Recipe> = fc.constantFrom(0, 1).map(
  (late): Recipe =>
    ({ epoch }) => ({ type: 'tripped', epoch: epoch - late }),
)

const walk = fc.array(
  fc.oneof(
    { arbitrary: look, weight: 6 },
    { arbitrary: verb, weight: 3 },
    { arbitrary: answer, weight: 1 },
    { arbitrary: trip, weight: 1 },
  ),
  { minLength: 1, maxLength: 40 },
)

const gate = () => true
const courses: fc.Arbitrary<Course> = fc
  .record({
    weights: fc.constantFrom([10, 25, 50, 100], [5, 100], [1, 2, 3, 100]),
    gate: fc.constantFrom(undefined, undefined, 'manual' as const, gate),
    warmUpMs: fc.constantFrom(0, 30_000),
    bakeMs: fc.constantFrom(0, 60_000),
    holdbackPercent: fc.constantFrom(0, 0, 5),
    maxDurationMs: fc.constantFrom(undefined, undefined, 300_000),
    onStall: fc.constantFrom('alert', 'pause', 'rollback'),
    mode: fc.constantFrom('enforce', 'enforce', 'enforce', 'observe'),
  })
  .map(({ weights, gate, warmUpMs, bakeMs, holdbackPercent, maxDurationMs, onStall, mode }) =>
    resolveCourse({
      plan: linearPlan(weights, { minDurationMs: 60_000, minRequests: 10, ...(gate && { gate }) }),
      warmUp: { weight: 1, durationMs: warmUpMs },
      bake: { durationMs: bakeMs, holdbackPercent },
      ...(maxDurationMs && { maxDurationMs }),
      onStall: onStall as 'alert',
      mode: mode as 'enforce',
    }),
  )

/** Plays a walk, showing every move. `retry` from a step that the plan lacks is refused at the door. */
function play(
  course: Course,
  recipes: readonly Recipe[],
  onMove: (before: RolloutState, event: RolloutEvent, next: RolloutState) => void,
): RolloutState {
  return recipes.reduce<RolloutState>((before, recipe) => {
    const made = recipe(before)
    const event =
      made.type === 'retry' ? { ...made, fromStep: Math.min(made.fromStep ?? 1, course.steps.length) } : made
    const [next] = transition(before, event, course)
    onMove(before, event, next)
    return next
  }, idleState)
}

const always = (rule: (before: RolloutState, event: RolloutEvent, next: RolloutState, course: Course) => void) =>
  fc.assert(
    fc.property(courses, walk, (course, recipes) => {
      play(course, recipes, (before, event, next) => rule(before, event, next, course))
    }),
    { numRuns: 400 },
  )

const isFresh = (event: RolloutEvent, { epoch, step }: RolloutState) =>
  event.type === 'analyzed' && event.verdict.epoch === epoch && event.verdict.step === step

describe('properties', () => {
  it('a failing verdict that asks for a rollback leads to weight 0 in every live state', () => {
    always((before, event, next, { mode }) => {
      if (mode === 'observe' || !isLive(before) || event.type !== 'analyzed' || !isFresh(event, before)) return
      if (event.verdict.kind !== 'fail' || event.verdict.response !== 'rollback') return
      expect(next).toMatchObject({ state: 'rolled-back', weight: 0 })
    })
  })

  it('terminal states are absorbing, but for retry and the kill switch', () => {
    always((before, event, next) => {
      if (!isTerminal(before) || event.type === 'retry') return
      expect(next).toEqual({ ...before, ...switchOf(next) })
      if (event.type !== 'enable' && event.type !== 'disable') expect(next).toBe(before)
    })
  })

  it("the weight is 0, the warm-up's, a step's, or 100 less the holdback", () => {
    always((_, __, { weight }, { steps, warmUp, bake }) => {
      expect([0, warmUp.weight, ...steps.map((step) => step.weight), 100 - bake.holdbackPercent]).toContain(weight)
    })
  })

  it('no look raises the weight without requests of the canary, or without a pass after the warm-up', () => {
    always((before, event, next) => {
      if (next.weight <= before.weight || event.type === 'promote') return
      if (event.type === 'warmed') return expect(before).toMatchObject({ state: 'warming', weight: 0, step: 0 })
      if (event.type !== 'analyzed') expect.unreachable(`${event.type} raised the weight`)
      expect(event.requests.canary).toBeGreaterThan(0)
      if (before.step > 0) expect(event.verdict.kind).toBe('pass')
      else expect(['pass', 'inconclusive']).toContain(event.verdict.kind)
    })
  })

  it('an event raises the weight by one step at most, promote full apart', () => {
    always((before, event, next) => {
      if (next.weight <= before.weight || (event.type === 'promote' && event.full)) return
      const expected = before.step === 0 ? [0, before.firstStep] : [before.step, before.step + 1]
      expect(expected).toContain(next.step)
    })
  })

  it('stale events and events without time change nothing', () => {
    always((before, event, next) => {
      const isStale =
        (event.type === 'analyzed' && !isFresh(event, before)) ||
        ((event.type === 'tripped' || event.type === 'gate') && event.epoch !== before.epoch)
      if (!isStale) return
      const { elapsedInStepMs, elapsedMs, pause } = next
      expect(next).toEqual({ ...before, elapsedInStepMs, elapsedMs, pause })
    })
  })

  it('a state that was put away as JSON at any point goes on as if it had not been', () => {
    fc.assert(
      fc.property(courses, walk, (course, recipes) => {
        const put = (state: RolloutState): RolloutState => JSON.parse(JSON.stringify(state))
        let away: RolloutState = idleState
        play(course, recipes, (before, event, next) => {
          expect(before).toEqual(away)
          away = put(transition(put(away), event, course)[0])
          expect(away).toEqual(next)
        })
      }),
      { numRuns: 200 },
    )
  })

  it('what is taken up resumes the same step with the time that was left, never at an earlier one', () => {
    always((before, event, next) => {
      if (event.type !== 'start' || before.state === 'idle') return
      expect([next.epoch, next.step, next.weight]).toEqual([before.epoch, before.step, before.weight])
      expect(next.elapsedInStepMs).toBeGreaterThanOrEqual(before.elapsedInStepMs)
    })
  })
})
