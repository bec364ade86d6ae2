import { CanaryError } from '../foundation/errors.js'
import {
  type Defaults,
  type Names,
  numberWithin,
  oneOf,
  optionalFunction,
  safeName,
  wholeNumber,
} from '../foundation/options.js'
import { refuseNonObject } from '../foundation/right-form.js'
import type { Versions } from '../foundation/vocabulary.js'
import { withMethods } from '../foundation/with-methods.js'
import { defaultGuardrails } from '../guardrails/default-guardrails.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { resolveGuardrails } from '../guardrails/resolve-guardrails.js'
import type { Judge } from '../judging/judge.js'
import { configOf } from '../rollout/config.js'
import { type Course, type CourseOptions, resolveCourse, weightOf } from '../rollout/course.js'
import { placeOf } from '../rollout/place.js'
import type { GateFunction } from '../rollout/plan.js'
import type { MetricsSource, Target } from '../rollout/ports.js'
import type { StateStore } from '../rollout/store.js'
import { distinctVersions } from '../routing/versions.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log-events.js'
import { withBeforePromote } from './before-promote.js'
import { memoryStore } from './memory-store.js'
import { resolveJudge } from './resolve-judge.js'

/** The options that a controller and a canary have in common. */
export interface RolloutOptions extends CourseOptions {
  /** The rollout's name, which identifies it in the store and in telemetry. */
  readonly name: string
  /**
   * The metrics that must not get worse.
   * @default [errorRate(), latency(), unansweredRate(), rejectedRate()], without those that the source cannot answer
   */
  readonly guardrails?: readonly Guardrail[]
  /** @default evidenceJudge() */
  readonly judge?: Judge
  /**
   * Called before each step of the plan is left, in addition to its own gate; any result but `true` holds the step.
   * Only a person opens a manual gate.
   */
  readonly beforePromote?: GateFunction
  /** How long the yes of a gate is valid, in milliseconds; after that the gate is asked again. @default 30_000 */
  readonly gateValidMs?: number
  /** How long a source or a target may take to answer, and a verb may wait, in milliseconds. @default 10_000 */
  readonly ioTimeoutMs?: number
  /** How long one read or one write of the store may take, in milliseconds; at most `ioTimeoutMs` by default. @default 2_000 */
  readonly storeTimeoutMs?: number
  /**
   * How long `run()`, `evaluate()` and `rollback()` wait until the target has applied the final weight, in
   * milliseconds.
   * @default 60_000
   */
  readonly settleTimeoutMs?: number
  /** How long a rollout's target is watched after the end of the rollout, in milliseconds. @default until `close()` */
  readonly watchAfterEndMs?: number
  /**
   * How many decisions are kept: those that changed something, and the last 20 holds without their checks.
   * @default 100
   */
  readonly historySize?: number
  /** How many turns of the judge are kept with all their blocks, for a replay. @default 2 */
  readonly replaySize?: number
  /**
   * The largest size of the stored rollout as JSON, in bytes; above it, the oldest turns and decisions are left out.
   * @default 262_144
   */
  readonly maxStoredBytes?: number
  /**
   * What happens if other processes run this rollout and started it with other options of judging, such as another
   * plan. With `reject`, this process follows its share, does not judge, and raises an alert. With `supersede`, the
   * rollout goes on with these options once no process has had the others for 30 s.
   * @default 'reject'
   */
  readonly onNewConfig?: 'reject' | 'supersede'
  /**
   * What `start()` does while a release with other versions is live in the store: it rejects `RELEASE_LIVE`, or rolls the
   * other one back and begins.
   * @default 'reject'
   */
  readonly onNewRelease?: 'reject' | 'supersede'
  /** @default memoryStore() */
  readonly store?: StateStore
  /** @default systemClock */
  readonly clock?: Clock
}

/** What an option is if it is not given. */
const ROLLOUT_DEFAULTS = {
  gateValidMs: 30_000,
  ioTimeoutMs: 10_000,
  storeTimeoutMs: 2_000,
  settleTimeoutMs: 60_000,
  historySize: 100,
  replaySize: 2,
  maxStoredBytes: 262_144,
  onNewConfig: 'reject',
  onNewRelease: 'reject',
} as const satisfies Defaults<RolloutOptions>
const CHOICES = ['reject', 'supersede'] as const // about what another deployment has begun

/** The options of a controller that is used without a canary. */
export interface ControllerOptions extends RolloutOptions {
  /** @default { baseline: 'baseline', canary: 'canary' } */
  readonly versions?: Versions
  /** Provides the counts of both versions. */
  readonly source: MetricsSource
  /** Receives the weight. */
  readonly target: Target
  /**
   * Gets a line for every event. Without it, `start()` prints once how to listen; `false` prints nothing.
   * @default no logger
   */
  readonly logger?: Logger | false
}

/** What an option is if it is not given. */
export const CONTROLLER_DEFAULTS = {
  versions: { baseline: 'baseline', canary: 'canary' },
} as const satisfies Defaults<ControllerOptions>

/** The names of the options that a controller and a canary share. */
export const ROLLOUT_OPTIONS = {
  name: 1,
  plan: 1,
  guardrails: 1,
  judge: 1,
  intervalMs: 1,
  ioTimeoutMs: 1,
  storeTimeoutMs: 1,
  settleTimeoutMs: 1,
  watchAfterEndMs: 1,
  historySize: 1,
  replaySize: 1,
  maxStoredBytes: 1,
  onNewConfig: 1,
  onNewRelease: 1,
  store: 1,
  clock: 1,
  warmUp: 1,
  bake: 1,
  maxDurationMs: 1,
  onStall: 1,
  mode: 1,
  beforePromote: 1,
  gateValidMs: 1,
  onSilence: 1,
  repeatMs: 1,
} as const satisfies Names<RolloutOptions>

/** Shared options, checked, with every field present. */
export interface ResolvedRollout {
  readonly name: string
  readonly versions: Versions
  readonly course: Course
  readonly guardrails: readonly Guardrail[]
  /** The names of default guardrails that the source cannot answer. */
  readonly leftOut: readonly string[]
  readonly judge: Judge
  /** Identifies the options by which the rollout is judged. */
  readonly config: string
  readonly gateValidMs: number
  readonly intervalMs: number
  readonly ioTimeoutMs: number
  readonly storeTimeoutMs: number
  readonly settleTimeoutMs: number
  readonly watchAfterEndMs: number
  readonly historySize: number
  readonly replaySize: number
  readonly maxStoredBytes: number
  readonly onNewConfig: 'reject' | 'supersede'
  readonly onNewRelease: 'reject' | 'supersede'
  readonly store: StateStore
  readonly clock: Clock
}

/** Returns the shared options, checked and complete. */
export function resolveRollout(options: RolloutOptions & { readonly versions: Versions }): ResolvedRollout {
  refuseNonObject('versions', options.versions, "versions: { baseline: 'v1', canary: 'v2' }")
  const clock = withMethods('clock', options.clock ?? systemClock, ['now', 'elapsed', 'schedule'])
  const judge = resolveJudge(options.judge)
  const course = resolveCourse(options, judge)
  const gateValidMs = numberWithin('gateValidMs', options.gateValidMs ?? ROLLOUT_DEFAULTS.gateValidMs, 1, 86_400_000)
  const ioTimeoutMs = numberWithin('ioTimeoutMs', options.ioTimeoutMs ?? ROLLOUT_DEFAULTS.ioTimeoutMs, 1, 600_000)
  const guardrails = resolveGuardrails(options.guardrails ?? defaultGuardrails())
  return {
    name: safeName('name', options.name),
    versions: distinctVersions(options.versions),
    course: withBeforePromote(course, optionalFunction('beforePromote', options.beforePromote), clock, gateValidMs),
    guardrails,
    leftOut: [],
    judge,
    config: configOf({ course, guardrails, judge }),
    gateValidMs,
    intervalMs: course.intervalMs,
    ioTimeoutMs,
    storeTimeoutMs: numberWithin(
      'storeTimeoutMs',
      options.storeTimeoutMs ?? Math.min(ROLLOUT_DEFAULTS.storeTimeoutMs, ioTimeoutMs),
      1,
      600_000,
    ),
    settleTimeoutMs: numberWithin(
      'settleTimeoutMs',
      options.settleTimeoutMs ?? ROLLOUT_DEFAULTS.settleTimeoutMs,
      1,
      86_400_000,
    ),
    watchAfterEndMs: spanOrForever('watchAfterEndMs', options.watchAfterEndMs),
    historySize: wholeNumber('historySize', options.historySize ?? ROLLOUT_DEFAULTS.historySize, 1, 10_000),
    replaySize: wholeNumber('replaySize', options.replaySize ?? ROLLOUT_DEFAULTS.replaySize, 0, 1_000),
    maxStoredBytes: wholeNumber('maxStoredBytes', options.maxStoredBytes ?? ROLLOUT_DEFAULTS.maxStoredBytes, 16_384),
    onNewConfig: oneOf('onNewConfig', options.onNewConfig ?? ROLLOUT_DEFAULTS.onNewConfig, CHOICES),
    onNewRelease: oneOf('onNewRelease', options.onNewRelease ?? ROLLOUT_DEFAULTS.onNewRelease, CHOICES),
    store: withMethods('store', options.store ?? memoryStore(), ['load', 'write', 'follow', 'close']),
    clock,
  }
}

/** Returns a checked time above 0, in milliseconds; infinite if it is not given. */
function spanOrForever(name: string, span: number | undefined): number {
  const isForever = span === undefined || span === Number.POSITIVE_INFINITY
  return isForever ? Number.POSITIVE_INFINITY : numberWithin(name, span, 1, Number.MAX_VALUE)
}

/** Returns the target. Throws `INVALID_WEIGHT` if it cannot apply every weight of the plan. */
export function resolveTarget(target: Target, course: Course): Target {
  withMethods('target', target, ['apply'])
  const { precision: given = 0.01 } = target
  const precision = numberWithin('target.precision', given, 0.01, 100)
  for (const [step, weight] of decidedWeights(course)) {
    const parts = weight / precision
    if (Math.abs(parts - Math.round(parts)) < 1e-6) continue
    const advice = step === course.steps.length && weight < 100 ? '; change bake.holdbackPercent, or set it to 0' : ''
    const which = `${placeOf(step)} has ${weight} %`
    throw new CanaryError('INVALID_WEIGHT', `${which}; this target applies multiples of ${precision}${advice}`)
  }
  return target
}

/** Returns every weight that a rollout may decide, with its step: the last step has one for the bake, and 100. */
function decidedWeights(course: Course): readonly (readonly [step: number, weight: number])[] {
  const last = course.steps.length
  const steps = Array.from({ length: last + 1 }, (_, step) => [step, weightOf(course, step)] as const)
  return [...steps.slice(course.warmUp.durationMs > 0 ? 0 : 1), [last, 100]]
}
