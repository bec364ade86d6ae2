import { CanaryError } from '../foundation/errors.js'
import {
  duration,
  numberWithin,
  oneOf,
  optionalFunction,
  percentage,
  refuseUnknown,
  show,
  wholeNumber,
} from '../foundation/options.js'

/** What a gate function is told. */
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

/** A gate that a program opens: by resolving to true, and by nothing else. */
export type GateFunction = (request: GateRequest) => boolean | Promise<boolean>

/** Who opens the way out of a step: a person, through `promote()`, or a function that resolves to true. */
export type Gate = 'manual' | GateFunction

/** One step of a plan. Everything in it is asked for before the step may be left. */
export interface Step {
  /** The canary's share, in percent. */
  readonly weight: number
  /** The least time in this step, in milliseconds. */
  readonly minDurationMs: number
  /** The least number of finished requests of *each* arm in this step. */
  readonly minRequests: number
  /** A question that is asked before the step is taken. */
  readonly gate?: Gate
  /** How long a gate function may take, in milliseconds. @default 30_000 */
  readonly gateTimeoutMs?: number
}

/** Rising steps that end at 100 percent. */
export interface Plan {
  /** The steps, in the order in which they are taken. */
  readonly steps: readonly Step[]
}

/** What happens to a rollout that lasts longer than `maxDurationMs`. */
export type OnStall = 'alert' | 'pause' | 'rollback'

/** The first period, at a low weight, in which latency is not judged. */
export interface WarmUpPeriod {
  /** The canary's share during the warm-up, in percent. */
  readonly weight: number
  /** How long the warm-up lasts, in milliseconds. */
  readonly durationMs: number
}

/** How long the canary is watched at full weight before it is promoted. */
export interface BakePeriod {
  /** `null` takes the last step's `minDurationMs`. */
  readonly durationMs: number | null
  /** The baseline's share that is kept while baking, in percent, so that there is something to compare with. */
  readonly holdbackPercent: number
}

/** A plan with all that surrounds it: what `transition` decides by. Every field is present. */
export interface Course extends Plan {
  /** The period before the first step. */
  readonly warmUp: WarmUpPeriod
  /** The period at full weight before the rollout ends. */
  readonly bake: { readonly durationMs: number; readonly holdbackPercent: number }
  /** The longest that the rollout may last, in milliseconds; `null` for no limit. */
  readonly maxDurationMs: number | null
  /** What happens when no step is taken for too long. */
  readonly onStall: OnStall
  /** In `observe` everything is decided and nothing applied. */
  readonly mode: 'enforce' | 'observe'
  /** Time between two looks, in milliseconds. */
  readonly intervalMs: number
  /** How long after its first time an alert that stands is said again, in milliseconds. */
  readonly repeatMs: readonly number[]
  /** What happens when the canary gets no requests while the baseline does. */
  readonly onSilence: OnSilence
}

/** What happens when the canary finishes no request while its baseline does, although its share should have brought 50. */
export interface OnSilence {
  /** How long nothing may come, in milliseconds. @default 300_000 */
  readonly afterMs: number
  /**
   * `hold` keeps the step and raises an alert. `rollback` rolls back where requests are split and not users, and where the canary has
   * served in this rollout; otherwise it holds. @default 'hold'
   */
  readonly action: 'hold' | 'rollback'
}

/** What every step of a linear plan has in common. */
export interface LinearPlanOptions {
  /** @default 60_000 */
  readonly minDurationMs?: number
  /** @default 100 */
  readonly minRequests?: number
  /** A question that is asked before each step. */
  readonly gate?: Gate
  /** The longest that the gate may take to answer, in milliseconds. */
  readonly gateTimeoutMs?: number
}

/**
 * A plan whose steps differ only in their weight.
 *
 * @throws `INVALID_PLAN`, `STEPS_NOT_RISING`, `INVALID_WEIGHT`, `INVALID_OPTION`
 * @example
 * linearPlan([10, 25, 50, 75, 100], { minDurationMs: 60_000, minRequests: 1_000 })
 */
export function linearPlan(weights: readonly number[], options: LinearPlanOptions = {}): Plan {
  refuseUnknown('linearPlan', options, { minDurationMs: 1, minRequests: 1, gate: 1, gateTimeoutMs: 1 })
  if (!Array.isArray(weights))
    throw new CanaryError('INVALID_PLAN', `pass weights such as [10, 50, 100], got ${show(weights)}`)
  const { minDurationMs = 60_000, minRequests = 100, ...gate } = options
  return resolvePlan({ steps: Array.from(weights, (weight) => ({ weight, minDurationMs, minRequests, ...gate })) })
}

/**
 * A plan that stays at one weight until `promote()`, which leads to 100 percent. Harm rolls back as in every plan.
 *
 * @throws `INVALID_WEIGHT`
 */
export function hold(weight: number): Plan {
  numberWithin('hold: weight', weight, 0.01, 99.99, 'INVALID_WEIGHT')
  const [step, last] = linearPlan([weight, 100]).steps
  return resolvePlan({ steps: [{ ...step!, gate: 'manual' }, last!] })
}

/** A checked, frozen copy of a plan. A list of weights gives the `linearPlan` of them. */
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
    gateTimeoutMs: duration(`${name}: gateTimeoutMs`, step.gateTimeoutMs ?? 30_000),
  })
}

/** The options that surround a plan, as a user gives them. */
export interface CourseOptions {
  /** A list of weights stands for the `linearPlan` of them. @default [10, 25, 50, 75, 100] */
  readonly plan?: Plan | readonly number[]
  /** The period before the first step. */
  readonly warmUp?: Partial<WarmUpPeriod>
  /** The period at full weight. */
  readonly bake?: Partial<BakePeriod>
  /** The longest that a rollout should take, pauses not counted. */
  readonly maxDurationMs?: number
  /** @default 'alert' */
  readonly onStall?: OnStall
  /** @default 'enforce' */
  readonly mode?: 'enforce' | 'observe'
  /** Time between two looks, in milliseconds. @default 15_000 */
  readonly intervalMs?: number
  /** How long after its first time an alert that still stands is said again, in milliseconds, rising. @default 1 h, 6 h and 24 h */
  readonly repeatMs?: readonly number[]
  /** What happens when the canary serves nobody while its baseline does. @default { afterMs: 300_000, action: 'hold' } */
  readonly onSilence?: Partial<OnSilence>
}

/**
 * Past this line every field of the course is present and valid.
 *
 * @throws the codes of `linearPlan`, and `UNKNOWN_OPTION`
 */
export function resolveCourse(options: CourseOptions): Course {
  const { steps } = resolvePlan(options.plan ?? [10, 25, 50, 75, 100])
  return Object.freeze({
    steps,
    warmUp: resolveWarmUp(options.warmUp, steps),
    bake: resolveBake(options.bake, steps),
    maxDurationMs: options.maxDurationMs === undefined ? null : duration('maxDurationMs', options.maxDurationMs),
    onStall: oneOf('onStall', options.onStall ?? 'alert', ['alert', 'pause', 'rollback']),
    mode: oneOf('mode', options.mode ?? 'enforce', ['enforce', 'observe']),
    intervalMs: numberWithin('intervalMs', options.intervalMs ?? 15_000, 10, 86_400_000),
    repeatMs: resolveRepeats(options.repeatMs),
    onSilence: resolveOnSilence(options.onSilence),
  })
}

function resolveRepeats(repeatMs: readonly number[] = [3_600_000, 21_600_000, 86_400_000]): readonly number[] {
  if (!Array.isArray(repeatMs)) throw new CanaryError('INVALID_OPTION', `repeatMs is a list, got ${show(repeatMs)}`)
  return Object.freeze(
    Array.from(repeatMs, (ms, at) => {
      const given = numberWithin(`repeatMs[${at}]`, ms, 1, Number.MAX_VALUE)
      if (given > (repeatMs[at - 1] ?? 0)) return given
      throw new CanaryError('INVALID_OPTION', `repeatMs must rise, got ${given} after ${repeatMs[at - 1]}`)
    }),
  )
}

function resolveOnSilence(options: Partial<OnSilence> = {}): OnSilence {
  refuseUnknown('onSilence', options, { afterMs: 1, action: 1 })
  return Object.freeze({
    afterMs: numberWithin('onSilence.afterMs', options.afterMs ?? 300_000, 1, Number.MAX_VALUE),
    action: oneOf('onSilence.action', options.action ?? 'hold', ['hold', 'rollback']),
  })
}

/** At 2 percent for a minute, or at the first step's weight where that is less. */
function resolveWarmUp(options: Partial<WarmUpPeriod> = {}, steps: Plan['steps']): WarmUpPeriod {
  refuseUnknown('warmUp', options, { weight: 1, durationMs: 1 })
  const first = steps[0]!.weight
  const weight = percentage('warmUp.weight', options.weight ?? Math.min(2, first))
  const durationMs = duration('warmUp.durationMs', options.durationMs ?? 60_000)
  if (weight > first)
    throw new CanaryError('STEPS_NOT_RISING', `warmUp.weight is ${weight}, the first step has ${first}`)
  if (weight === 0 && durationMs > 0) {
    const advice = 'give the warm-up some traffic or set warmUp.durationMs to 0'
    throw new CanaryError('INVALID_WEIGHT', `warmUp.weight is 0; ${advice}`)
  }
  return Object.freeze({ weight, durationMs })
}

function resolveBake(options: Partial<BakePeriod> = {}, steps: Plan['steps']): Course['bake'] {
  refuseUnknown('bake', options, { durationMs: 1, holdbackPercent: 1 })
  const durationMs = duration('bake.durationMs', options.durationMs ?? steps.at(-1)!.minDurationMs)
  const holdbackPercent = percentage('bake.holdbackPercent', options.holdbackPercent ?? 0)
  numberWithin('bake.holdbackPercent', holdbackPercent, 0, 50)
  const before = steps.at(-2)?.weight ?? 0
  if (100 - holdbackPercent <= before) {
    const advice = `keep bake.holdbackPercent below ${100 - before}`
    throw new CanaryError('STEPS_NOT_RISING', `baking at ${100 - holdbackPercent} after ${before}; ${advice}`)
  }
  return Object.freeze({ durationMs, holdbackPercent })
}

/** The weight in force in a step: 0 is the warm-up; the last step keeps the holdback while it bakes. */
export function weightOf(course: Course, step: number): number {
  if (step === 0) return course.warmUp.weight
  const { weight } = course.steps[step - 1]!
  return weight === 100 ? 100 - course.bake.holdbackPercent : weight
}
