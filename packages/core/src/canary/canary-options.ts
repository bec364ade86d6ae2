import {
  type ResolvedRollout,
  ROLLOUT_OPTIONS,
  type RolloutOptions,
  resolveRollout,
  resolveTarget,
} from '../controller/controller-options.js'
import { type OnIsolation, resolveOnIsolation } from '../controller/on-isolation.js'
import { resolveLogger } from '../controller/resolve-logger.js'
import { CanaryError } from '../foundation/errors.js'
import { type Defaults, duration, numberWithin, optionalFunction, refuseUnknown } from '../foundation/options.js'
import { refuseNonObject } from '../foundation/right-form.js'
import type { Versions } from '../foundation/vocabulary.js'
import { withMethods } from '../foundation/with-methods.js'
import { type Tripwire, tripwire } from '../recorder/tripwire.js'
import { NO_WARM_UP, type WarmUpPeriod } from '../rollout/course.js'
import type { Target } from '../rollout/ports.js'
import { layersOf } from '../routing/override.js'
import { randomStrategy } from '../routing/random.js'
import type { Strategy } from '../routing/strategy.js'
import { isThenable } from '../routing/thenable.js'
import type { Logger } from '../runtime/log-events.js'
import { type FlightObserver, resolveObservers } from '../serving/flight-observer.js'

/** How each process warms its canary, and the low weight of the warm-up step. */
export interface WarmUpOptions extends Partial<WarmUpPeriod> {
  /**
   * Warms this process's canary before its first request; a rejection rolls back. Pass sample inputs to `wrap` instead
   * if they are enough.
   */
  readonly run?: (signal: AbortSignal) => Promise<void> | void
  /** How long `run` may take, in milliseconds. @default 120_000 */
  readonly timeoutMs?: number
}

/** The options of a canary that splits traffic in this process. */
export interface CanaryOptions<Version extends string = string> extends Omit<RolloutOptions, 'warmUp'> {
  /** The names of the two versions, as they appear in metrics, logs and headers. */
  readonly versions: Versions<Version>
  /** How traffic is split; a promise is awaited by `start()`. @default randomStrategy() */
  readonly strategy?: Strategy | Promise<Strategy>
  /** How each process warms its own canary before the canary gets its first request. */
  readonly warmUp?: WarmUpOptions
  /**
   * Rolls back at once on an error spike; `false` turns it off.
   * @default on with the threshold judge, and while baking without a holdback
   */
  readonly tripwire?: Tripwire | false
  /** What this process does while the store of several processes does not answer. */
  readonly onIsolation?: Partial<OnIsolation>
  /** Receives every weight, in addition to this process's own router. */
  readonly target?: Target
  /**
   * How long a call may go without output before it counts as a timeout, in milliseconds, for calls that nothing else
   * ends. A stream that still sends chunks is not ended. @default 900_000
   */
  readonly maxFlightMs?: number
  /** Called for every flight, synchronously, in the context of the request: for tracing, for example. @default [] */
  readonly observers?: readonly FlightObserver[]
  /**
   * Gets a line for every event. Without it, `start()` prints once how to listen; `false` prints nothing.
   * @default nobody
   */
  readonly logger?: Logger | false
}

/** What an option is if it is not given. */
const RUN_DEFAULTS = { timeoutMs: 120_000 } as const satisfies Defaults<WarmUpOptions>

/** What an option is if it is not given. */
const CANARY_DEFAULTS = { maxFlightMs: 900_000, observers: [] } as const satisfies Defaults<CanaryOptions>

/** The least that a canary needs. */
const EXAMPLE = "createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })"

/** The options with every field present. */
export interface ResolvedCanary {
  readonly rollout: ResolvedRollout
  readonly strategy: Strategy | Promise<Strategy>
  readonly warmUp: {
    readonly run: ((signal: AbortSignal) => Promise<void> | void) | undefined
    readonly timeoutMs: number
  }
  readonly tripwire: Tripwire | null
  /** Whether the tripwire also works while there is a baseline to compare with. */
  readonly isTripwireAlwaysOn: boolean
  readonly onIsolation: OnIsolation
  readonly target: Target | undefined
  readonly maxFlightMs: number
  readonly observers: readonly FlightObserver[]
  readonly logger: Logger | undefined
  /** True if a logger was passed, or refused with `false`. */
  readonly isLogged: boolean
  /** True if the rollout is kept in this process's memory because no store was passed. */
  readonly isInMemory: boolean
}

/** Returns the options, checked and complete. Throws a `CanaryError` for the first one that cannot be used. */
export function resolveCanary(options: CanaryOptions): ResolvedCanary {
  refuseNonObject('createCanary', options, EXAMPLE)
  refuseUnknown('createCanary', options, {
    ...ROLLOUT_OPTIONS,
    versions: 1,
    target: 1,
    strategy: 1,
    tripwire: 1,
    onIsolation: 1,
    maxFlightMs: 1,
    observers: 1,
    logger: 1,
  })
  const { run, timeoutMs = RUN_DEFAULTS.timeoutMs, ...period } = options.warmUp ?? {}
  if (options.warmUp !== undefined) {
    refuseNonObject('warmUp', options.warmUp, NO_WARM_UP)
    refuseUnknown('warmUp', options.warmUp, { run: 1, timeoutMs: 1, weight: 1, durationMs: 1 })
  }
  const rollout = resolveRollout({ ...options, warmUp: period })
  refuseLeasesAlone(rollout)
  const {
    strategy = randomStrategy(),
    target,
    maxFlightMs = CANARY_DEFAULTS.maxFlightMs,
    observers = CANARY_DEFAULTS.observers,
    logger,
  } = options
  if (!isThenable(strategy)) layersOf(strategy) // start() checks a promised one
  return {
    rollout,
    strategy,
    warmUp: { run: optionalFunction('warmUp.run', run), timeoutMs: duration('warmUp.timeoutMs', timeoutMs) },
    tripwire: options.tripwire === false ? null : tripwire(options.tripwire),
    isTripwireAlwaysOn: options.tripwire !== undefined || rollout.judge.name.startsWith('threshold'),
    onIsolation: resolveOnIsolation(options.onIsolation),
    target: target === undefined ? undefined : mirrorOf(target, rollout),
    maxFlightMs: numberWithin('maxFlightMs', maxFlightMs, 1, Number.MAX_VALUE),
    observers: resolveObservers(observers),
    logger: resolveLogger(logger),
    isLogged: logger !== undefined,
    isInMemory: options.store === undefined,
  }
}

/** Refuses a store without reports: the process with the lease would judge the requests of all by its own. */
function refuseLeasesAlone({ store: { fleet } }: ResolvedRollout): void {
  if (fleet?.hasReports !== false) return
  const advice = 'pass redisStore(client, { name }) or folderStore(path), or use createController with this store'
  throw new CanaryError('NOT_SHARED', `store: it has leases, and keeps no reports of several processes; ${advice}`)
}

/** Refuses a target that splits the traffic itself: the canary's real share would be the product of both weights. */
function mirrorOf(target: Target, { course }: ResolvedRollout): Target {
  if (withMethods('target', target, ['apply']).splitsTraffic === true) {
    const advice = 'use createController with it, or take the target out'
    throw new CanaryError(
      'DOUBLE_SPLIT',
      `this target splits the traffic, and createCanary would split it again; ${advice}`,
    )
  }
  return resolveTarget(target, course)
}
