import { CanaryError } from '../foundation/errors.js'
import { duration, numberWithin, oneOf, percentage, refuseUnknown, show } from '../foundation/options.js'
import { type Plan, resolvePlan } from './plan.js'

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
