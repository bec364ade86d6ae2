import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { optionalFunction, percentage, refuseOthers, show, wholeNumber } from '../foundation/options.js'
import type { Assignment, AssignmentReason, Variant, Versions } from '../foundation/vocabulary.js'
import { BUCKET_COUNT, variantOf } from './bucket.js'
import { ignoreRejection } from './ignore-rejection.js'
import { layersOf } from './override.js'
import { createReadable } from './readable-request.js'
import type { BucketStrategy, OverrideStrategy, RoutingInput, RoutingRequest, Strategy } from './strategy.js'
import { distinctVersions } from './versions.js'

/** The canary's share, and its position in the rollout. */
export interface Split {
  /** The canary's share in percent, 0–100. */
  readonly weight: number
  /** The number of the rollout, from 1. 0 before the first. */
  readonly epoch: number
  /** The step in force: 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** If false, every request goes to the baseline: a kill switch that nothing overrides. */
  readonly active: boolean
}

/** Options of a router. */
export interface RouterOptions<Version extends string = string> {
  /** The names of the two versions. */
  readonly versions: Versions<Version>
  /** Can be set later with `adopt`; until then every request goes to the baseline. */
  readonly strategy?: Strategy | undefined
  /** A fixed weight, for a router without a controller: it is active immediately, at step 1. */
  readonly weight?: number | undefined
  /** Called with every failure that `assign` turned into an assignment to the baseline. */
  readonly onInternalError?: ((error: CanaryError) => void) | undefined
  /** Called once, with the first invalid value that was given as a key, such as `'undefined'`; see `RoutingKey`. */
  readonly onNoKey?: ((value: unknown) => void) | undefined
}

/** Decides for each request which of the two versions serves it. */
export interface Router<Version extends string = string> {
  /** The split in force now. */
  readonly split: Split
  /** Returns the decision for one request. Synchronous; never throws. */
  assign(request?: RoutingInput): Assignment<Version>
  /** Changes the given fields of the split, from the next request on. */
  apply(split: Partial<Split>): void
  /** Uses a strategy from the next request on. If it throws `INVALID_STRATEGY`, the old strategy stays. */
  adopt(strategy: Strategy): void
}

const NOBODY: RoutingRequest = Object.freeze({})

/**
 * Creates a router. An inactive split takes precedence over overrides, and overrides over the strategy.
 *
 * If a strategy throws, or returns anything but the two variants, the request goes to the baseline with
 * reason `strategy-error`, and `onInternalError` is called.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_VERSION`, `SAME_VERSION`, `INVALID_WEIGHT`,
 * `INVALID_STRATEGY`
 *
 * @example
 * const router = createRouter({ versions: { baseline: 'v1', canary: 'v2' }, strategy: randomStrategy(), weight: 10 })
 * router.assign().version // 'v2' once in ten times
 */
export function createRouter<const Version extends string>(options: RouterOptions<Version>): Router<Version> {
  refuseOthers('createRouter', options, { versions: 1, strategy: 1, weight: 1, onInternalError: 1, onNoKey: 1 })
  const { baseline, canary } = distinctVersions(options.versions)
  const report = reporter(optionalFunction('onInternalError', options.onInternalError))
  const readable = createReadable(optionalFunction('onNoKey', options.onNoKey))

  let split = initialSplit(options.weight)
  let route: Route | undefined = options.strategy === undefined ? undefined : routeOf(options.strategy)
  let lastId = 0

  const assignment = (variant: Variant, reason: AssignmentReason, { weight, epoch, step }: Split) => {
    const version = variant === 'canary' ? canary : baseline
    return { id: ++lastId, variant, version, weight, reason, epoch, step }
  }

  const decide = (
    request: RoutingRequest,
    { overrides, buckets, strategy }: Route,
    now: Split,
  ): Assignment<Version> => {
    for (const override of overrides) {
      const forced = override.forced(request)
      if (forced !== undefined) return assignment(checked(forced), 'override', now)
    }
    const bucket = buckets?.bucketOf(request)
    if (bucket !== undefined) {
      const { weight, epoch, step } = now
      const variant = variantOf(checkedBucket(bucket), weight)
      const version = variant === 'canary' ? canary : baseline
      return { id: ++lastId, variant, version, weight, reason: 'split', epoch, step, bucket }
    }
    const reason = strategy.unit === 'key' && request.key === undefined ? 'no-key' : 'split'
    return assignment(checked(strategy.pick(request, now.weight)), reason, now)
  }

  return {
    get split() {
      return split
    },
    assign(request) {
      const now = split
      if (!now.active || route === undefined) return assignment('baseline', 'disabled', now)
      try {
        return decide(readable(request ?? NOBODY, route.strategy.unit), route, now)
      } catch (failure) {
        report(failure, route.name)
        return assignment('baseline', 'strategy-error', now)
      }
    },
    apply(change) {
      split = changedSplit(split, change)
    },
    adopt(strategy) {
      route = routeOf(strategy)
    },
  }
}

/** A strategy prepared for the hot path: its layers and its kind are determined once. */
interface Route {
  readonly name: string
  readonly overrides: readonly OverrideStrategy[]
  readonly strategy: Strategy
  readonly buckets: BucketStrategy | undefined
}

function routeOf(strategy: Strategy): Route {
  const { overrides, innermost } = layersOf(strategy)
  return {
    name: strategy.name,
    overrides,
    strategy: innermost,
    buckets: hasBuckets(innermost) ? innermost : undefined,
  }
}

function hasBuckets(strategy: Strategy): strategy is BucketStrategy {
  return strategy.unit === 'key' && 'bucketOf' in strategy && typeof strategy.bucketOf === 'function'
}

function initialSplit(weight: number | undefined): Split {
  if (weight === undefined) return { weight: 0, epoch: 1, step: 0, active: false }
  return { weight: percentage('weight', weight), epoch: 1, step: 1, active: true }
}

function changedSplit(before: Split, change: Partial<Split>): Split {
  refuseOthers('apply', change, { weight: 1, epoch: 1, step: 1, active: 1 })
  const { weight = before.weight, epoch = before.epoch, step = before.step, active = before.active } = change
  if (typeof active !== 'boolean')
    throw new CanaryError('INVALID_OPTION', `active must be a boolean, got ${show(active)}`)
  return {
    weight: percentage('weight', weight),
    epoch: wholeNumber('epoch', epoch, 0),
    step: wholeNumber('step', step, 0),
    active,
  }
}

function checked(answer: Variant): Variant {
  if (answer === 'baseline' || answer === 'canary') return answer
  ignoreRejection(answer)
  throw new CanaryError(
    'STRATEGY_FAILED',
    `a strategy must return "baseline" or "canary" synchronously, got ${show(answer)}`,
  )
}

function checkedBucket(bucket: number): number {
  if (Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKET_COUNT) return bucket
  ignoreRejection(bucket)
  throw new CanaryError('STRATEGY_FAILED', `bucketOf must return a whole number from 0 to 9999, got ${show(bucket)}`)
}

/** Reports a failure. Errors and rejections of the listener are ignored, so that they cannot fail a request. */
function reporter(onInternalError: ((error: CanaryError) => void) | undefined) {
  return (failure: unknown, strategy: string): void => {
    try {
      const error = isCanaryError(failure)
        ? failure
        : new CanaryError('STRATEGY_FAILED', `"${strategy}" threw; see the cause`, { cause: failure })
      ignoreRejection(onInternalError?.(error))
    } catch {}
  }
}
