import { CanaryError } from '../foundation/errors.js'
import {
  type Defaults,
  duration,
  numberWithin,
  optionalFunction,
  percentage,
  refuseUnknown,
  show,
  wholeNumber,
} from '../foundation/options.js'

/** The argument of a gate function. */
export interface GateRequest {
  /** The number of the rollout. */
  readonly epoch: number
  /** The step that the gate opens, from 1. */
  readonly step: number
  /** The weight of that step, in percent. */
  readonly weight: number
  /** Aborted when the gate's time is up or the rollout moved on. */
  readonly signal: AbortSignal
}

/** A gate that a program opens, by resolving to `true`; any other result keeps it closed. */
export type GateFunction = (request: GateRequest) => boolean | Promise<boolean>

/** What opens a step's gate: a person, by `promote()`, or a function that resolves to `true`. */
export type Gate = 'manual' | GateFunction

/** One step of a plan. All of its conditions must be met before the step is left. */
export interface Step {
  /** The canary's share, in percent. */
  readonly weight: number
  /** The least time in this step, in milliseconds. */
  readonly minDurationMs: number
  /** The least number of finished requests of *each* arm in this step. */
  readonly minRequests: number
  /** The gate that must open before the step is left. */
  readonly gate?: Gate
  /** How long a gate function may take, in milliseconds. @default 30_000 */
  readonly gateTimeoutMs?: number
}

/** What an option is if it is not given. */
const STEP_DEFAULTS = { gateTimeoutMs: 30_000 } as const satisfies Defaults<Step>

/** Rising steps that end at 100 percent. */
export interface Plan {
  /** The steps, in the order in which they are taken. */
  readonly steps: readonly Step[]
}

/** The options that all steps of a linear plan have in common. */
export interface LinearPlanOptions {
  /** The least time in each step, in milliseconds. @default 60_000 */
  readonly minDurationMs?: number
  /** The least number of finished requests of each arm in each step. @default 100 */
  readonly minRequests?: number
  /** The gate that must open before each step is left. */
  readonly gate?: Gate
  /** The longest that the gate may take to answer, in milliseconds. */
  readonly gateTimeoutMs?: number
}

/** What an option is if it is not given. */
const LINEAR_PLAN_DEFAULTS = { minDurationMs: 60_000, minRequests: 100 } as const satisfies Defaults<LinearPlanOptions>

/**
 * Creates a plan whose steps differ only in their weight.
 *
 * @throws `INVALID_PLAN`, `STEPS_NOT_RISING`, `INVALID_WEIGHT`, `INVALID_OPTION`
 * @example
 * linearPlan([10, 25, 50, 100], { minDurationMs: 60_000, minRequests: 1_000 })
 */
export function linearPlan(weights: readonly number[], options: LinearPlanOptions = {}): Plan {
  refuseUnknown('linearPlan', options, { minDurationMs: 1, minRequests: 1, gate: 1, gateTimeoutMs: 1 })
  if (!Array.isArray(weights))
    throw new CanaryError('INVALID_PLAN', `pass weights such as [10, 50, 100], got ${show(weights)}`)
  const {
    minDurationMs = LINEAR_PLAN_DEFAULTS.minDurationMs,
    minRequests = LINEAR_PLAN_DEFAULTS.minRequests,
    ...gate
  } = options
  return resolvePlan({ steps: Array.from(weights, (weight) => ({ weight, minDurationMs, minRequests, ...gate })) })
}

/**
 * Creates a plan that stays at one weight until `promote()`, which goes on to the bake. Harm rolls back as in any
 * plan.
 *
 * @throws `INVALID_WEIGHT`
 */
export function hold(weight: number): Plan {
  numberWithin('hold: weight', weight, 0.01, 99.99, 'INVALID_WEIGHT')
  const [step, last] = linearPlan([weight, 100]).steps
  return resolvePlan({ steps: [{ ...step!, gate: 'manual' }, last!] })
}

/** Returns a checked, frozen copy of a plan. A list of weights becomes their `linearPlan`. */
export function resolvePlan(plan: Plan | readonly number[]): Plan {
  if (typeof plan !== 'object' || plan === null || !('steps' in plan)) return linearPlan(plan)
  refuseUnknown('plan', plan, { steps: 1 })
  if (!Array.isArray(plan.steps) || plan.steps.length === 0) {
    throw new CanaryError('INVALID_PLAN', 'pass at least one step, such as linearPlan([10, 50, 100])')
  }
  const steps = Array.from(plan.steps, resolveStep)
  for (const [index, { weight }] of steps.entries()) {
    const before = steps[index - 1]?.weight ?? 0
    if (weight <= before) throw new CanaryError('STEPS_NOT_RISING', `step ${index + 1} has ${weight} after ${before}`)
  }
  const last = steps.at(-1)!
  if (last.weight !== 100) {
    const advice = last.weight > 1 ? `end the plan at 100, or pass hold(${last.weight})` : 'weights are in percent'
    throw new CanaryError('INVALID_PLAN', `the last step has ${last.weight}; ${advice}`)
  }
  return Object.freeze({ steps: Object.freeze(steps) })
}

function resolveStep(step: Step, index: number): Step {
  const name = `step ${index + 1}`
  refuseUnknown(name, step, { weight: 1, minDurationMs: 1, minRequests: 1, gate: 1, gateTimeoutMs: 1 })
  if (step.gate !== undefined && step.gate !== 'manual') optionalFunction(`${name}: gate`, step.gate)
  return Object.freeze({
    weight: percentage(`${name}: weight`, step.weight),
    minDurationMs: duration(`${name}: minDurationMs`, step.minDurationMs),
    minRequests: wholeNumber(`${name}: minRequests`, step.minRequests, 0),
    ...(step.gate === undefined ? {} : { gate: step.gate }),
    gateTimeoutMs: duration(`${name}: gateTimeoutMs`, step.gateTimeoutMs ?? STEP_DEFAULTS.gateTimeoutMs),
  })
}
