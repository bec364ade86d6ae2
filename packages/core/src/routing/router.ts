import { CanaryError, isCanaryError } from '../foundation/errors.js'
import { optionalFunction, percentage, refuseOthers, show, wholeNumber } from '../foundation/options.js'
import type { Assignment, AssignmentReason, Variant, Versions } from '../foundation/vocabulary.js'
import { variantOf } from './bucket.js'
import { createIdleBucket } from './idle-bucket.js'
import { createReadable } from './readable-request.js'
import { ignoreRejection } from './rejections.js'
import { checkedBucket, checkedVariant, type Route, routeOf } from './route.js'
import type { RoutingInput, RoutingRequest, Strategy } from './strategy.js'
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
 * While the split is inactive, every request goes to the baseline with reason `disabled`. If the strategy has buckets,
 * the request has its bucket all the same, so that users can be compared before there is a canary; a request that an
 * override would force has none. Of the failures meanwhile, `onInternalError` gets the first.
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
  const idleBucket = createIdleBucket(report)

  let route: Route | undefined = options.strategy === undefined ? undefined : routeOf(options.strategy)
  let split = initialSplit(options.weight)
  let lastId = 0

  const assignment = (variant: Variant, reason: AssignmentReason, now: Split, bucket?: number): Assignment<Version> => {
    const { weight, epoch, step } = now
    const id = ++lastId
    const version = variant === 'canary' ? canary : baseline
    if (bucket === undefined) return { id, variant, version, weight, reason, epoch, step }
    return { id, variant, version, weight, reason, epoch, step, bucket }
  }

  const decide = (
    request: RoutingRequest,
    { overrides, buckets, strategy }: Route,
    now: Split,
  ): Assignment<Version> => {
    for (const override of overrides) {
      const forced = override.forced(request)
      if (forced !== undefined) return assignment(checkedVariant(forced), 'override', now)
    }
    const bucket = buckets?.bucketOf(request)
    if (bucket !== undefined) return assignment(variantOf(checkedBucket(bucket), now.weight), 'split', now, bucket)
    const reason = strategy.unit === 'key' && request.key === undefined ? 'no-key' : 'split'
    return assignment(checkedVariant(strategy.pick(request, now.weight)), reason, now)
  }

  const router: Omit<Router<Version>, 'split'> = {
    assign(request) {
      const now = split
      if (!now.active || route === undefined) {
        return assignment('baseline', 'disabled', now, route && idleBucket(request ?? NOBODY, route))
      }
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
  // defined, and not a getter of the literal, which V8 would keep in a dictionary: every decision would be a lookup by name
  return Object.defineProperty(router as Router<Version>, 'split', { get: () => split, enumerable: true })
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
