import { describe, expect, it } from 'vitest'
import type { CanaryErrorCode } from '../foundation/errors.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { metric } from '../guardrails/kinds/metric.js'
import { predictionShift } from '../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../guardrails/kinds/tail-latency.js'
import { resolveCourse } from './course.js'
import { expectedTimeOf } from './expected-time.js'
import { type SuggestPlanOptions, suggestPlan } from './suggest-plan.js'

const HOUR = 3_600_000
const untyped = <Value>(value: unknown): Value => value as Value

const errors = [errorRate()]
const withP95 = [...errors, latency(), tailLatency({ name: 'p95', quantile: 0.95 }), predictionShift()]
const withP99 = [...withP95, tailLatency({ name: 'p99' })]

describe('the expected time of a rollout', () => {
  // the medians of the benchmark's simulated rollouts, in hours, without a bake
  it.each([
    [[10, 25, 50, 75, 100], withP99, 4.9],
    [[10, 25, 50, 75, 100], withP95, 3.7],
    [[10, 25, 50, 75, 100], errors, 2.2],
    [[25, 50, 100], withP99, 2.1],
    [[25, 50, 100], withP95, 1.3],
    [[25, 50, 100], errors, 1],
    [[50, 100], withP99, 1.1],
    [[50, 100], withP95, 0.87],
    [[50, 100], errors, 0.4],
  ] as const)('is near the measured one at half a request a second: %j', (plan, guardrails, hours) => {
    const course = resolveCourse({ plan, bake: { durationMs: 0 } })
    const ratio = expectedTimeOf(course, guardrails, { requestsPerSecond: 0.5, errorRate: 0.01 }) / (hours * HOUR)
    expect(ratio).toBeGreaterThan(1 / 1.5)
    expect(ratio).toBeLessThan(1.5)
  })

  it('counts a bake that keeps a part of the baseline as a step, and one at 100 percent by its time', () => {
    const timeWith = (holdbackPercent: number) =>
      expectedTimeOf(resolveCourse({ bake: { holdbackPercent } }), errors, { requestsPerSecond: 1, errorRate: 0.01 })
    // 100 requests at 10 percent take 1,000 s, and 100 s at 100 percent; the steps before are passed with less evidence
    expect(timeWith(10) - timeWith(0)).toBeGreaterThan(300_000)
    expect(timeWith(10) - timeWith(0)).toBeLessThan(900_000)
  })

  it('is never below what the plan asks for', () => {
    const fast = { requestsPerSecond: 1e6, errorRate: 0.01 }
    expect(expectedTimeOf(resolveCourse({}), withP99, fast)).toBe(5 * 60_000)
    expect(expectedTimeOf(resolveCourse({}), [], fast)).toBe(5 * 60_000)
  })
})

describe('suggestPlan', () => {
  const weightsAt = (requestsPerSecond: number) => {
    const { plan, bake } = suggestPlan({ requestsPerSecond })
    return [plan.steps.map(({ weight }) => weight), bake.holdbackPercent]
  }

  it('begins higher the less traffic there is, and then bakes without a baseline', () => {
    expect(weightsAt(2)).toEqual([[10, 25, 50, 100], 10])
    expect(weightsAt(1.99)).toEqual([[25, 50, 100], 0])
    expect(weightsAt(1)).toEqual([[25, 50, 100], 0])
    expect(weightsAt(0.99)).toEqual([[50, 100], 0])
  })

  it('is shorter than the default plan where it is another one', () => {
    const traffic = { requestsPerSecond: 0.5, errorRate: 0.01 }
    const { expectedMs } = suggestPlan({ ...traffic, guardrails: withP99 })
    expect(expectedTimeOf(resolveCourse({}), withP99, traffic)).toBeGreaterThan(3 * expectedMs)
  })

  it('names what would shorten it and by how much, the greatest saving first', () => {
    const { expectedMs, shorter } = suggestPlan({ requestsPerSecond: 0.5, guardrails: withP99 })
    expect(shorter.map(({ change }) => change)).toEqual([
      'errorRate alone, the others with severity observe',
      'tailLatency({ quantile: 0.95 }) in place of a higher quantile',
    ])
    for (const each of shorter) expect(each.savedMs).toBe(expectedMs - each.expectedMs)
    expect(shorter[1]!.savedMs).toBeGreaterThan(0.15 * expectedMs)
    expect(suggestPlan({ requestsPerSecond: 0.5, guardrails: errors }).shorter).toEqual([])
  })

  it('leaves out guardrails whose spread is not known, and those that are only observed', () => {
    const more = [
      ...errors,
      metric('accuracy', { direction: 'must-not-fall', margin: 0.01 }),
      tailLatency({ severity: 'observe' }),
    ]
    const { expectedMs } = suggestPlan({ requestsPerSecond: 0.5, guardrails: more })
    expect(expectedMs).toBe(suggestPlan({ requestsPerSecond: 0.5, guardrails: errors }).expectedMs)
  })

  it.each<[what: string, options: unknown, code: CanaryErrorCode]>([
    ['no traffic', { requestsPerSecond: 0 }, 'INVALID_OPTION'],
    ['no number', { requestsPerSecond: '5' }, 'INVALID_OPTION'],
    ['NaN', { requestsPerSecond: Number.NaN }, 'INVALID_OPTION'],
    ['nothing', {}, 'INVALID_OPTION'],
    ['an error rate in percent', { requestsPerSecond: 1, errorRate: 5 }, 'INVALID_OPTION'],
    ['an unknown option', { requestsPerSecond: 1, rate: 1 }, 'UNKNOWN_OPTION'],
    ['no guardrails', { requestsPerSecond: 1, guardrails: [] }, 'NO_GUARDRAILS'],
  ])('refuses %s', (_, options, code) => {
    expect(() => suggestPlan(untyped<SuggestPlanOptions>(options))).toThrow(expect.objectContaining({ code }))
  })
})
