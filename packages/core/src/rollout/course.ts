import { CanaryError } from '../foundation/errors.js'
import { type Defaults, duration, numberWithin, oneOf, percentage, refuseUnknown, show } from '../foundation/options.js'
import { refuseNonObject } from '../foundation/right-form.js'
import type { Judge } from '../judging/judge.js'
import { type Plan, resolvePlan } from './plan.js'

/** What happens to a rollout that lasts longer than `maxDurationMs`. */
export type OnStall = 'alert' | 'pause' | 'rollback'

/** The first period, at a low weight, in which latency is not judged. */
export interface WarmUpPeriod {
  /** The canary's share during the warm-up, in percent. @default 2, or the first step's weight if that is less */
  readonly weight: number
  /** How long the warm-up lasts, in milliseconds. @default 60_000 */
  readonly durationMs: number
}

/** The last step: how long the canary is watched before it is promoted to 100 percent. */
export interface BakePeriod {
  /** In milliseconds; `null` takes the last step's `minDurationMs`. @default null */
  readonly durationMs: number | null
  /**
   * The baseline's share while baking, in percent, for a comparison. Without the option it is 0 if the bake takes no
   * time, if the plan has one step or its last step but one has 90 percent or more, and with a judge that does not
   * learn from the baseline, such as `thresholdJudge`. @default 10
   */
  readonly holdbackPercent: number
}

/** A plan and the options around it, by which `transition` decides. Every field is present. */
export interface Course extends Plan {
  /** The period before the first step. */
  readonly warmUp: WarmUpPeriod
  /** The last step, at 100 percent less the holdback. */
  readonly bake: { readonly durationMs: number; readonly holdbackPercent: number }
  /** The longest that the rollout may last, in milliseconds; `null` for no limit. */
  readonly maxDurationMs: number | null
  /** What happens when the rollout takes longer than `maxDurationMs`. */
  readonly onStall: OnStall
  /** In `observe`, decisions are made but not applied. */
  readonly mode: 'enforce' | 'observe'
  /** Time between two looks, in milliseconds. */
  readonly intervalMs: number
  /** How long after its first time an alert is repeated if its cause remains, in milliseconds. */
  readonly repeatMs: readonly number[]
  /** What happens when the canary gets no requests while the baseline does. */
  readonly onSilence: OnSilence
}

/** What happens when the canary finishes no request while the baseline does, and its share should have brought 50. */
export interface OnSilence {
  /** The longest time without a request, in milliseconds. @default 300_000 */
  readonly afterMs: number
  /**
   * `hold` keeps the step and raises an alert. `rollback` rolls back if requests are split, not users, and the canary
   * has served in this rollout; otherwise it holds. @default 'hold'
   */
  readonly action: 'hold' | 'rollback'
}

/** The options that surround a plan, as a user gives them. */
export interface CourseOptions {
  /** A list of weights is short for `linearPlan(weights)`. @default [10, 25, 50, 100] */
  readonly plan?: Plan | readonly number[]
  /** The period before the first step. */
  readonly warmUp?: Partial<WarmUpPeriod>
  /** The last step, at 100 percent less the holdback. */
  readonly bake?: Partial<BakePeriod>
  /** The longest that a rollout should take, pauses not counted, in milliseconds. @default null, no limit */
  readonly maxDurationMs?: number
  /** @default 'alert' */
  readonly onStall?: OnStall
  /** @default 'enforce' */
  readonly mode?: 'enforce' | 'observe'
  /** Time between two looks, in milliseconds. @default 15_000 */
  readonly intervalMs?: number
  /**
   * How long after its first time an alert is repeated if its cause remains, in milliseconds, rising.
   * @default [3_600_000, 21_600_000, 86_400_000]
   */
  readonly repeatMs?: readonly number[]
  /**
   * What happens when the canary gets no requests while the baseline does.
   * @default { afterMs: 300_000, action: 'hold' }
   */
  readonly onSilence?: Partial<OnSilence>
}

/** What an option is if it is not given. */
const WARM_UP_DEFAULTS = { weight: 2, durationMs: 60_000 } as const satisfies Defaults<WarmUpPeriod>

/** What an option is if it is not given. */
const BAKE_DEFAULTS = { durationMs: null, holdbackPercent: 10 } as const satisfies Defaults<BakePeriod>

/** What an option is if it is not given. */
const ON_SILENCE_DEFAULTS = { afterMs: 300_000, action: 'hold' } as const satisfies Defaults<OnSilence>

/** What an option is if it is not given. */
const COURSE_DEFAULTS = {
  plan: [10, 25, 50, 100],
  maxDurationMs: null,
  onStall: 'alert',
  mode: 'enforce',
  intervalMs: 15_000,
  repeatMs: [3_600_000, 21_600_000, 86_400_000],
  onSilence: ON_SILENCE_DEFAULTS,
} as const satisfies Defaults<CourseOptions>

/**
 * Returns the course, checked and complete. The default of the holdback depends on the judge; `evidenceJudge` if it is
 * missing.
 *
 * @throws the codes of `linearPlan`, and `UNKNOWN_OPTION`
 */
export function resolveCourse(options: CourseOptions, judge?: Pick<Judge, 'learn'>): Course {
  const { steps } = resolvePlan(options.plan ?? COURSE_DEFAULTS.plan)
  return Object.freeze({
    steps,
    warmUp: resolveWarmUp(options.warmUp, steps),
    bake: resolveBake(options.bake, steps, judge),
    maxDurationMs:
      options.maxDurationMs === undefined
        ? COURSE_DEFAULTS.maxDurationMs
        : duration('maxDurationMs', options.maxDurationMs),
    onStall: oneOf('onStall', options.onStall ?? COURSE_DEFAULTS.onStall, ['alert', 'pause', 'rollback']),
    mode: oneOf('mode', options.mode ?? COURSE_DEFAULTS.mode, ['enforce', 'observe']),
    intervalMs: numberWithin('intervalMs', options.intervalMs ?? COURSE_DEFAULTS.intervalMs, 10, 86_400_000),
    repeatMs: resolveRepeats(options.repeatMs),
    onSilence: resolveOnSilence(options.onSilence),
  })
}

/** Returns all shares that the canary may have in a rollout, in percent. */
export const weightsOf = ({ warmUp, steps, bake }: Pick<Course, 'warmUp' | 'steps' | 'bake'>): readonly number[] => [
  ...new Set([warmUp.weight, ...steps.map(({ weight }) => weight), 100 - bake.holdbackPercent]),
]

function resolveRepeats(repeatMs: readonly number[] = COURSE_DEFAULTS.repeatMs): readonly number[] {
  if (!Array.isArray(repeatMs)) throw new CanaryError('INVALID_OPTION', `repeatMs is a list, got ${show(repeatMs)}`)
  return Object.freeze(
    Array.from(repeatMs, (ms, at) => {
      const given = numberWithin(`repeatMs[${at}]`, ms, 1, Number.MAX_VALUE)
      if (given > (repeatMs[at - 1] ?? 0)) return given
      throw new CanaryError('INVALID_OPTION', `repeatMs must rise, got ${given} after ${repeatMs[at - 1]}`)
    }),
  )
}

function resolveOnSilence(options: Partial<OnSilence> = COURSE_DEFAULTS.onSilence): OnSilence {
  refuseNonObject('onSilence', options, "onSilence: { action: 'hold' }")
  refuseUnknown('onSilence', options, { afterMs: 1, action: 1 })
  return Object.freeze({
    afterMs: numberWithin('onSilence.afterMs', options.afterMs ?? ON_SILENCE_DEFAULTS.afterMs, 1, Number.MAX_VALUE),
    action: oneOf('onSilence.action', options.action ?? ON_SILENCE_DEFAULTS.action, ['hold', 'rollback']),
  })
}

/** How a caller turns the warm-up off. */
export const NO_WARM_UP = 'warmUp: { durationMs: 0 } for no warm-up'

/** Returns the warm-up; by default 2 percent for a minute, or the first step's weight if that is less. */
function resolveWarmUp(options: Partial<WarmUpPeriod> = {}, steps: Plan['steps']): WarmUpPeriod {
  refuseNonObject('warmUp', options, NO_WARM_UP)
  refuseUnknown('warmUp', options, { weight: 1, durationMs: 1 })
  const first = steps[0]!.weight
  const weight = percentage('warmUp.weight', options.weight ?? Math.min(WARM_UP_DEFAULTS.weight, first))
  const durationMs = duration('warmUp.durationMs', options.durationMs ?? WARM_UP_DEFAULTS.durationMs)
  if (weight > first)
    throw new CanaryError('STEPS_NOT_RISING', `warmUp.weight is ${weight}, the first step has ${first}`)
  if (weight === 0 && durationMs > 0) {
    const advice = 'give the warm-up some traffic or set warmUp.durationMs to 0'
    throw new CanaryError('INVALID_WEIGHT', `warmUp.weight is 0; ${advice}`)
  }
  return Object.freeze({ weight, durationMs })
}

/**
 * Returns the bake.
 *
 * By default a judge that does not know the baseline's noise has no holdback: on few requests of the baseline it would
 * roll back good canaries.
 */
function resolveBake(
  options: Partial<BakePeriod> = {},
  steps: Plan['steps'],
  judge: Pick<Judge, 'learn'> | undefined,
): Course['bake'] {
  refuseNonObject('bake', options, 'bake: { durationMs: 0 } for none')
  refuseUnknown('bake', options, { durationMs: 1, holdbackPercent: 1 })
  const durationMs = duration(
    'bake.durationMs',
    options.durationMs ?? BAKE_DEFAULTS.durationMs ?? steps.at(-1)!.minDurationMs,
  )
  const before = steps.at(-2)?.weight ?? 0
  const isLearned = judge === undefined || judge.learn !== undefined
  const usual = durationMs > 0 && isLearned ? usualHoldback(before) : 0
  const holdbackPercent = percentage('bake.holdbackPercent', options.holdbackPercent ?? usual)
  numberWithin('bake.holdbackPercent', holdbackPercent, 0, 50)
  if (100 - holdbackPercent <= before) {
    const advice = `keep bake.holdbackPercent below ${100 - before}`
    throw new CanaryError('STEPS_NOT_RISING', `baking at ${100 - holdbackPercent} after ${before}; ${advice}`)
  }
  return Object.freeze({ durationMs, holdbackPercent })
}

/**
 * Returns the holdback if none is given.
 *
 * @param before the weight of the last step but one, 0 if there is one step
 */
const usualHoldback = (before: number): number =>
  before > 0 && before < 100 - BAKE_DEFAULTS.holdbackPercent ? BAKE_DEFAULTS.holdbackPercent : 0

/** Returns the weight of a step: step 0 is the warm-up, and the last step keeps the holdback while it bakes. */
export function weightOf(course: Course, step: number): number {
  if (step === 0) return course.warmUp.weight
  const { weight } = course.steps[step - 1]!
  return weight === 100 ? 100 - course.bake.holdbackPercent : weight
}
