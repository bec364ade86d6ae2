import { describe, expect, it } from 'vitest'
import { defaultGuardrails } from '../guardrails/default-guardrails.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { tailLatency } from '../guardrails/kinds/tail-latency.js'
import { resolveGuardrails } from '../guardrails/resolve-guardrails.js'
import { resolveCourse } from './course.js'
import { expectedTimeOf } from './expected-time.js'
import { linearPlan } from './plan.js'
import { describeSlowPlan, slowPlanOf } from './slow-plan.js'

const HOUR = 3_600_000
const guardrails = resolveGuardrails([...defaultGuardrails(), tailLatency()])
const course = resolveCourse({})
const at = (requestsPerSecond: number) => ({ requestsPerSecond, errorRate: 0.01 })

describe('a plan that the traffic makes longer than a day', () => {
  it('is told with its expected time, and with what shortens it, the greatest saving first', () => {
    const slow = slowPlanOf(course, guardrails, at(0.05))!
    expect(slow.expectedMs).toBe(expectedTimeOf(course, guardrails, at(0.05)))
    expect(slow.shorter.map(({ change }) => change)).toEqual([
      'plan: [50, 100] with bake: { holdbackPercent: 0 }',
      'errorRate alone, the others with severity observe',
      'tailLatency({ quantile: 0.95 }) in place of a higher quantile',
    ])
    for (const { expectedMs, savedMs } of slow.shorter) expect(expectedMs + savedMs).toBe(slow.expectedMs)
    const savings = slow.shorter.map(({ savedMs }) => savedMs)
    expect(savings).toEqual(savings.toSorted((a, b) => b - a))
  })

  it.each([
    ['with more traffic', course, at(0.5)],
    [
      'if it lasts a month by choice',
      resolveCourse({ plan: linearPlan([10, 50, 100], { minDurationMs: 240 * HOUR }) }),
      at(5),
    ],
  ] as const)('is not told %s', (_, course, traffic) => {
    expect(slowPlanOf(course, guardrails, traffic)).toBeUndefined()
  })

  it('is told if a plan of a day by choice takes a week', () => {
    const plan = linearPlan([10, 50, 100], { minDurationMs: 8 * HOUR })
    expect(slowPlanOf(resolveCourse({ plan }), guardrails, at(0.01))).toMatchObject({ requestsPerSecond: 0.01 })
  })
})

describe('the sentence', () => {
  it('has the rate, the time, and each change with its saving', () => {
    const shorter = [
      { change: 'plan: [50, 100]', expectedMs: 30 * HOUR, savedMs: 70 * HOUR },
      { change: 'errorRate alone', expectedMs: 90 * HOUR, savedMs: 10 * HOUR },
    ]
    expect(describeSlowPlan({ requestsPerSecond: 0.04321, expectedMs: 100 * HOUR, shorter })).toBe(
      'at 0.043 requests a second, as seen before the start, a good canary takes about 4 days with this plan; shorter with: plan: [50, 100] (3 days less); errorRate alone (10 h less)',
    )
  })

  it('names suggestPlan if nothing is known to shorten it', () => {
    const slow = { requestsPerSecond: 0.01, expectedMs: 30 * HOUR, shorter: [] }
    expect(describeSlowPlan(slow)).toMatch(/takes about 30 h with this plan; see suggestPlan\(\)$/)
  })

  it('is complete for a plan that begins at 50 percent already', () => {
    const short = resolveCourse({ plan: [50, 100], bake: { holdbackPercent: 0 } })
    const slow = slowPlanOf(short, resolveGuardrails([errorRate({ margin: 0.001 })]), at(0.05))!
    expect(describeSlowPlan(slow)).toContain('see suggestPlan()')
  })
})
