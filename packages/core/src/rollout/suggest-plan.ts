import { type Defaults, numberWithin, refuseUnknown } from '../foundation/options.js'
import { defaultGuardrails } from '../guardrails/default-guardrails.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { resolveGuardrails } from '../guardrails/resolve-guardrails.js'
import { type Course, resolveCourse } from './course.js'
import { type ExpectedTraffic, expectedTimeOf } from './expected-time.js'
import type { Plan } from './plan.js'

/** The traffic of a service, and what its canary is judged by. */
export interface SuggestPlanOptions {
  /** Requests a second, of both versions together; above 0. */
  readonly requestsPerSecond: number
  /** The guardrails of the rollout. @default the default guardrails */
  readonly guardrails?: readonly Guardrail[]
  /** The share of the baseline's requests that fail, a fraction from 0 up and below 0.5. @default 0.01 */
  readonly errorRate?: number
}

/** A plan for the traffic of a service: `createCanary({ plan, bake, … })`. */
export interface SuggestedPlan {
  /** The steps: `[10, 25, 50, 100]`, or a plan that begins at a higher weight. */
  readonly plan: Plan
  /** The baseline's share while baking, in percent: 10, and 0 with little traffic, where a holdback takes too long. */
  readonly bake: { readonly holdbackPercent: number }
  /** The expected time until a good canary is promoted, in milliseconds. */
  readonly expectedMs: number
  /** What else would shorten it, the greatest saving first. */
  readonly shorter: readonly Shortening[]
}

/** A change of the guardrails that shortens a rollout. */
export interface Shortening {
  /** What to change, such as `tailLatency({ quantile: 0.95 }) in place of 0.99`. */
  readonly change: string
  /** The expected time with this change alone, in milliseconds. */
  readonly expectedMs: number
  /** How much shorter that is, in milliseconds. */
  readonly savedMs: number
}

/** What an option is if it is not given. */
const SUGGEST_PLAN_DEFAULTS = { errorRate: 0.01 } as const satisfies Defaults<SuggestPlanOptions>

/** Below so many requests a second the plan begins at such a weight, and bakes without a baseline. */
const STARTS = [
  { below: 1, plan: [50, 100] },
  { below: 2, plan: [25, 50, 100] },
] as const

/** A saving below this part of the time is not worth a weaker guardrail. */
export const LEAST_SAVING = 0.05

/**
 * Returns a plan for the traffic of a service, the time that it takes, and what would shorten it.
 *
 * With little traffic a small share shows little. Below two requests a second the plan therefore begins at 25 percent,
 * and below one at 50 percent, which exposes more users for a shorter time. The time is an estimate for a good canary.
 * It assumes that the baseline's history is known and that `errorRate` of its requests fail. The estimate leaves out
 * `metric` and `scoreShift`, because their spread is not known.
 *
 * Throws `INVALID_OPTION`, `UNKNOWN_OPTION` and what guardrails are refused with.
 *
 * @example
 * const { plan, bake, expectedMs } = suggestPlan({ requestsPerSecond: 0.5 })
 * createCanary({ …, plan, bake })
 */
export function suggestPlan(options: SuggestPlanOptions): SuggestedPlan {
  refuseUnknown('suggestPlan', options, { requestsPerSecond: 1, guardrails: 1, errorRate: 1 })
  const { errorRate = SUGGEST_PLAN_DEFAULTS.errorRate } = options
  const traffic = {
    requestsPerSecond: numberWithin('suggestPlan.requestsPerSecond', options.requestsPerSecond, 1e-6, 1e9),
    errorRate: numberWithin('suggestPlan.errorRate', errorRate, 0, 0.499),
  }
  const guardrails = resolveGuardrails(options.guardrails ?? defaultGuardrails())
  const start = STARTS.find(({ below }) => traffic.requestsPerSecond < below)
  const course = resolveCourse(start === undefined ? {} : { plan: start.plan, bake: { holdbackPercent: 0 } })
  return {
    plan: { steps: course.steps },
    bake: { holdbackPercent: course.bake.holdbackPercent },
    expectedMs: expectedTimeOf(course, guardrails, traffic),
    shorter: shorteningsOf(course, guardrails, traffic),
  }
}

/** Returns the changes of the guardrails that shorten a rollout noticeably, the greatest saving first. */
export function shorteningsOf(
  course: Course,
  guardrails: readonly Guardrail[],
  traffic: ExpectedTraffic,
): readonly Shortening[] {
  const nowMs = expectedTimeOf(course, guardrails, traffic)
  return changesOf(guardrails)
    .map(({ change, guardrails }) => {
      const expectedMs = expectedTimeOf(course, guardrails, traffic)
      return { change, expectedMs, savedMs: nowMs - expectedMs }
    })
    .filter(({ savedMs }) => savedMs > LEAST_SAVING * nowMs)
    .toSorted((a, b) => b.savedMs - a.savedMs)
}

interface Change {
  readonly change: string
  readonly guardrails: readonly Guardrail[]
}

/** Returns the changes that are worth a try. */
function changesOf(guardrails: readonly Guardrail[]): readonly Change[] {
  const changes: Change[] = []
  const tails = guardrails.filter((each) => each.kind === 'tailLatency' && each.quantile > 0.95)
  if (tails.length > 0) {
    const eased = guardrails.map((each) =>
      each.kind === 'tailLatency' && each.quantile > 0.95 ? { ...each, quantile: 0.95 } : each,
    )
    changes.push({ change: 'tailLatency({ quantile: 0.95 }) in place of a higher quantile', guardrails: eased })
  }
  const errors = guardrails.filter(({ kind }) => kind === 'errorRate')
  if (errors.length > 0 && errors.length < guardrails.length)
    changes.push({ change: 'errorRate alone, the others with severity observe', guardrails: errors })
  return changes
}
