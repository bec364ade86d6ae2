import { describe, expect, it } from 'vitest'
import type { CanaryErrorCode } from '../foundation/errors.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import { type CourseOptions, resolveCourse, weightOf } from './course.js'
import { hold, linearPlan, type Plan, resolvePlan } from './plan.js'

const untyped = <Value>(value: unknown): Value => value as Value
const code = (expected: CanaryErrorCode) => expect.objectContaining({ name: 'CanaryError', code: expected })

describe('linearPlan', () => {
  it('gives every step the same times, requests and gate', () => {
    expect(linearPlan([10, 100], { minDurationMs: 5_000, minRequests: 7, gate: 'manual', gateTimeoutMs: 9 })).toEqual({
      steps: [
        { weight: 10, minDurationMs: 5_000, minRequests: 7, gate: 'manual', gateTimeoutMs: 9 },
        { weight: 100, minDurationMs: 5_000, minRequests: 7, gate: 'manual', gateTimeoutMs: 9 },
      ],
    })
  })

  it('asks for a minute and 100 requests where nothing is said', () => {
    expect(linearPlan([100]).steps[0]).toMatchObject({ minDurationMs: 60_000, minRequests: 100 })
  })

  it.each<[what: string, weights: unknown, code: CanaryErrorCode]>([
    ['NaN', [Number.NaN, 100], 'INVALID_WEIGHT'],
    ['Infinity', [10, Number.POSITIVE_INFINITY], 'INVALID_WEIGHT'],
    ['150', [10, 150], 'INVALID_WEIGHT'],
    ['a negative weight', [-1, 100], 'INVALID_WEIGHT'],
    ['three decimals', [0.125, 100], 'INVALID_WEIGHT'],
    ['a weight in words', ['10', 100], 'INVALID_WEIGHT'],
    ['a hole', new Array(2), 'INVALID_WEIGHT'],
    ['falling steps', [50, 10, 100], 'STEPS_NOT_RISING'],
    ['equal steps', [10, 10, 100], 'STEPS_NOT_RISING'],
    ['a first step of 0', [0, 100], 'STEPS_NOT_RISING'],
    ['an end before 100', [10, 50], 'INVALID_PLAN'],
    ['no step', [], 'INVALID_PLAN'],
    ['no array', '10,100', 'INVALID_PLAN'],
  ])('refuses %s', (_, weights, expected) => {
    expect(() => linearPlan(untyped(weights))).toThrow(code(expected))
  })

  it.each<[what: string, options: unknown, code: CanaryErrorCode]>([
    ['an unknown option', { minDuration: 1 }, 'UNKNOWN_OPTION'],
    ['a negative time', { minDurationMs: -1 }, 'INVALID_OPTION'],
    ['a time without end', { minDurationMs: Number.POSITIVE_INFINITY }, 'INVALID_OPTION'],
    ['half a request', { minRequests: 0.5 }, 'INVALID_OPTION'],
    ['NaN requests', { minRequests: Number.NaN }, 'INVALID_OPTION'],
    ['a gate that is neither', { gate: 'automatic' }, 'INVALID_OPTION'],
    ['a gate time of NaN', { gateTimeoutMs: Number.NaN }, 'INVALID_OPTION'],
  ])('refuses %s', (_, options, expected) => {
    expect(() => linearPlan([10, 100], untyped(options))).toThrow(code(expected))
  })
})

describe('hold', () => {
  it('stays at its weight until a person opens the way to 100', () => {
    expect(hold(10)).toEqual({
      steps: [
        { weight: 10, minDurationMs: 60_000, minRequests: 100, gate: 'manual', gateTimeoutMs: 30_000 },
        { weight: 100, minDurationMs: 60_000, minRequests: 100, gateTimeoutMs: 30_000 },
      ],
    })
  })

  it.each([[0], [100], [101], [-1], [Number.NaN], ['10'], [[10]], [0.125]])('refuses %s', (weight) => {
    expect(() => hold(untyped(weight))).toThrow(code('INVALID_WEIGHT'))
  })
})

describe('resolvePlan', () => {
  it('takes a list of weights for the linear plan of them', () => {
    expect(resolvePlan([10, 50, 100])).toEqual(linearPlan([10, 50, 100]))
    expect(resolveCourse({ plan: [10, 100] }).steps).toEqual(linearPlan([10, 100]).steps)
  })

  it.each<[what: string, plan: unknown, advice: string]>([
    ['a number', 10, 'pass weights such as [10, 50, 100], got 10'],
    ['a word', 'linear', 'pass weights such as [10, 50, 100], got "linear"'],
    ['null', null, 'pass weights such as [10, 50, 100], got null'],
    ['weights in an object', { weights: [10, 100] }, 'pass weights such as [10, 50, 100], got an object'],
    ['an end before 100', [10, 50], 'the last step has 50; end the plan at 100, or pass hold(50)'],
    ['fractions', [0.1, 0.5, 1], 'the last step has 1; weights are in percent'],
  ])('says of %s what is right', (_, plan, advice) => {
    expect(() => resolvePlan(untyped(plan))).toThrow(`[INVALID_PLAN] ${advice}`)
  })

  it("freezes a copy and leaves the caller's plan alone", () => {
    const steps = [{ weight: 100, minDurationMs: 0, minRequests: 1 }]
    const plan = resolvePlan({ steps })
    expect([plan, plan.steps, plan.steps[0]].every(Object.isFrozen)).toBe(true)
    expect(Object.isFrozen(steps[0])).toBe(false)
  })

  it.each<[what: string, plan: unknown, code: CanaryErrorCode]>([
    ['nothing', undefined, 'INVALID_PLAN'],
    ['an array of steps', [{ weight: 100, minDurationMs: 0, minRequests: 1 }], 'INVALID_WEIGHT'],
    ['an unknown field', { steps: [], name: 'x' }, 'UNKNOWN_OPTION'],
    ['no steps', {}, 'INVALID_PLAN'],
    ['a step that is a number', { steps: [10] }, 'INVALID_OPTION'],
    ['an unknown field of a step', { steps: [{ weight: 100, minDurationMs: 0, minRequest: 1 }] }, 'UNKNOWN_OPTION'],
  ])('refuses %s', (_, plan, expected) => {
    expect(() => resolvePlan(untyped<Plan>(plan))).toThrow(code(expected))
  })
})

describe('resolveCourse', () => {
  it('has a default for everything', () => {
    const course = resolveCourse({})
    expect(course.steps.map(({ weight }) => weight)).toEqual([10, 25, 50, 100])
    expect(course).toMatchObject({
      warmUp: { weight: 2, durationMs: 60_000 },
      bake: { durationMs: 60_000, holdbackPercent: 10 },
      maxDurationMs: null,
      onStall: 'alert',
      mode: 'enforce',
    })
  })

  it('never warms up above the first step', () => {
    expect(resolveCourse({ plan: linearPlan([0.5, 100]) }).warmUp.weight).toBe(0.5)
  })

  it("bakes for the last step's time where nothing is said", () => {
    expect(resolveCourse({ plan: linearPlan([100], { minDurationMs: 7 }) }).bake.durationMs).toBe(7)
    expect(resolveCourse({ bake: { durationMs: 0 } }).bake.durationMs).toBe(0)
  })

  it.each<[what: string, options: CourseOptions, percent: number]>([
    ['ten percent of the baseline', { plan: [10, 89.99, 100] }, 10],
    ['none with a plan of one step, which has no comparison before either', { plan: [100] }, 0],
    ['none after a step of 90, which it would repeat', { plan: [50, 90, 100] }, 0],
    ['none without a bake', { bake: { durationMs: 0 } }, 0],
    ['what the option says', { plan: [100], bake: { holdbackPercent: 5 } }, 5],
  ])('keeps while baking %s', (_, options, percent) => {
    expect(resolveCourse(options, evidenceJudge()).bake.holdbackPercent).toBe(percent)
  })

  it('keeps nothing of the baseline for a judge that does not know its noise, unless told to', () => {
    expect(resolveCourse({}, thresholdJudge()).bake.holdbackPercent).toBe(0)
    expect(resolveCourse({ bake: { holdbackPercent: 20 } }, thresholdJudge()).bake.holdbackPercent).toBe(20)
  })

  it.each<[what: string, options: CourseOptions, code: CanaryErrorCode]>([
    ['a holdback beyond 50', { plan: linearPlan([10, 100]), bake: { holdbackPercent: 51 } }, 'INVALID_OPTION'],
    ['a holdback of NaN', { bake: { holdbackPercent: Number.NaN } }, 'INVALID_WEIGHT'],
    ['a holdback that makes the last step fall', { bake: { holdbackPercent: 50 } }, 'STEPS_NOT_RISING'],
    ['an unknown option of the bake', { bake: untyped({ holdback: 5 }) }, 'UNKNOWN_OPTION'],
    ['an unknown option of the warm-up', { warmUp: untyped({ weigth: 5 }) }, 'UNKNOWN_OPTION'],
    ['a warm-up without traffic', { warmUp: { weight: 0 } }, 'INVALID_WEIGHT'],
    ['a warm-up above the first step', { warmUp: { weight: 11 } }, 'STEPS_NOT_RISING'],
    ['a warm-up of NaN', { warmUp: { weight: Number.NaN } }, 'INVALID_WEIGHT'],
    ['a warm-up of NaN milliseconds', { warmUp: { durationMs: Number.NaN } }, 'INVALID_OPTION'],
    ['a negative longest time', { maxDurationMs: -1 }, 'INVALID_OPTION'],
    ['another way to stall', { onStall: untyped('explode') }, 'INVALID_OPTION'],
    ['another mode', { mode: untyped('dry-run') }, 'INVALID_OPTION'],
  ])('refuses %s', (_, options, expected) => {
    expect(() => resolveCourse(options)).toThrow(code(expected))
  })

  it('lets a warm-up of no time have no traffic', () => {
    expect(resolveCourse({ warmUp: { weight: 0, durationMs: 0 } }).warmUp).toEqual({ weight: 0, durationMs: 0 })
  })
})

describe('weightOf', () => {
  it('is the warm-up at 0, the step afterwards, and leaves the holdback at the end', () => {
    const course = resolveCourse({ bake: { holdbackPercent: 5 } })
    expect([0, 1, 3, 4].map((step) => weightOf(course, step))).toEqual([2, 10, 50, 95])
  })
})
