import type { Guardrail } from '../guardrails/guardrail.js'
import type { Course } from './course.js'
import { type ExpectedTraffic, expectedTimeOf } from './expected-time.js'
import { LEAST_SAVING, type Shortening, shorteningsOf, suggestPlan } from './suggest-plan.js'

/** A plan that takes longer than a day with the traffic of its service. */
export interface SlowPlan {
  /** Requests a second before the rollout. */
  readonly requestsPerSecond: number
  /** The expected time until a good canary is promoted, in milliseconds. */
  readonly expectedMs: number
  /** What would shorten it, the greatest saving first. */
  readonly shorter: readonly Shortening[]
}

/** A slow plan, and the sentence that tells it. */
export interface SlowPlanNotice {
  readonly plan: SlowPlan
  readonly message: string
}

const DAY_MS = 86_400_000

/** A plan that takes at least this many times its least time is slow because of the traffic. */
const SLOWED_BY_TRAFFIC = 2

/** So much traffic that a plan takes its least time. */
const ENOUGH_PER_SECOND = 1e9

/** Returns what a start tells about a plan with this traffic; `undefined` if the plan is not slow. */
export function slowPlanNotice(
  { course, guardrails }: { readonly course: Course; readonly guardrails: readonly Guardrail[] },
  traffic: ExpectedTraffic | undefined,
): SlowPlanNotice | undefined {
  const plan = traffic && slowPlanOf(course, guardrails, traffic)
  return plan && { plan, message: describeSlowPlan(plan) }
}

/**
 * Returns the expected time of a plan if the traffic makes it longer than a day; `undefined` if it is shorter, or if
 * its least times alone take half of that time.
 */
export function slowPlanOf(
  course: Course,
  guardrails: readonly Guardrail[],
  traffic: ExpectedTraffic,
): SlowPlan | undefined {
  const expectedMs = expectedTimeOf(course, guardrails, traffic)
  if (expectedMs <= DAY_MS) return undefined
  const leastMs = expectedTimeOf(course, guardrails, { ...traffic, requestsPerSecond: ENOUGH_PER_SECOND })
  if (expectedMs < SLOWED_BY_TRAFFIC * leastMs) return undefined
  const { requestsPerSecond } = traffic
  const shorter = [
    ...shorterPlan(course, guardrails, traffic, expectedMs),
    ...shorteningsOf(course, guardrails, traffic),
  ]
  return { requestsPerSecond, expectedMs, shorter: shorter.toSorted((a, b) => b.savedMs - a.savedMs) }
}

/** Returns the plan that is suggested for the traffic, if it is noticeably shorter. */
function shorterPlan(
  course: Course,
  guardrails: readonly Guardrail[],
  traffic: ExpectedTraffic,
  nowMs: number,
): readonly Shortening[] {
  const { plan, bake } = suggestPlan({ ...traffic, guardrails })
  const { holdbackPercent } = bake
  const other = { ...course, steps: plan.steps, bake: { ...course.bake, holdbackPercent } }
  const expectedMs = expectedTimeOf(other, guardrails, traffic)
  const savedMs = nowMs - expectedMs
  if (savedMs <= LEAST_SAVING * nowMs) return []
  const weights = plan.steps.map(({ weight }) => weight).join(', ')
  return [{ change: `plan: [${weights}] with bake: { holdbackPercent: ${holdbackPercent} }`, expectedMs, savedMs }]
}

/** Returns a sentence that says how long the plan takes, and what would shorten it by how much. */
export function describeSlowPlan({ requestsPerSecond, expectedMs, shorter }: SlowPlan): string {
  const rate = Number(requestsPerSecond.toPrecision(2))
  const takes = `at ${rate} requests a second, as seen before the start, a good canary takes about ${spanOf(expectedMs)}`
  const changes = shorter.map(({ change, savedMs }) => `${change} (${spanOf(savedMs)} less)`)
  const advice = changes.length === 0 ? 'see suggestPlan()' : `shorter with: ${changes.join('; ')}`
  return `${takes} with this plan; ${advice}`
}

const spanOf = (ms: number): string =>
  ms < 2 * DAY_MS ? `${Math.max(1, Math.round(ms / 3_600_000))} h` : `${Math.round(ms / DAY_MS)} days`
