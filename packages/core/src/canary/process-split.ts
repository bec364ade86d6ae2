import { createShareInForce } from '../controller/share-in-force.js'
import type { Writable } from '../foundation/writable.js'
import type { InForce } from '../rollout/status.js'
import type { Router, Split } from '../routing/router.js'
import { splitIdentityOf } from '../routing/split-identity.js'
import type { Strategy } from '../routing/strategy.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import { createWarmUps, type WarmUps } from '../serving/warm-up.js'
import type { ResolvedCanary } from './canary-options.js'

/**
 * The split of this process. A process that is not warm or that is cut off serves no canary, whatever the
 * weight of the rollout.
 */
export interface ProcessSplit {
  /** The split that was decided, also while this process is not warm. */
  readonly decided: Split
  /** Whether a strategy was adopted. */
  readonly isReady: boolean
  /** What the split picks at random: requests, or keys. */
  readonly unit: Strategy['unit']
  /** The same in two processes that put each key into the same bucket; `undefined` if that is not known. */
  readonly identity: string | undefined
  /** Returns whether the baseline serves alone. */
  isIdle(): boolean
  /** Returns the canary's share that is served, and since when: 0 while the baseline serves alone. */
  inForce(): InForce
  readonly warmUps: WarmUps
  /** Returns whether the canary is to serve but something has to be warmed first. */
  isCold(): boolean
  apply(next: Split): void
  /** Sends all requests to the baseline until it is called with false. */
  cutOff(isCutOff: boolean): void
  /** Takes the buckets of this strategy while the baseline serves alone. No effect once a strategy was adopted. */
  prepare(strategy: Strategy): void
  /** Splits requests by this strategy from now on. */
  adopt(strategy: Strategy): void
}

/** Creates a split that sends every request to the baseline. */
export function createProcessSplit(router: Pick<Router, 'apply' | 'adopt'>, clock: Clock): ProcessSplit {
  const share = createShareInForce(clock, 0)
  let isCutOff = false
  const isActive = (): boolean => split.decided.active && split.isReady && !isCutOff && warmUps.isWarm
  const route = (): void => {
    const { weight, epoch, step } = split.decided // and not what else a split has
    const active = isActive()
    router.apply({ weight, epoch, step, active })
    share.put(active ? weight : 0)
  }
  const warmUps = createWarmUps(route)
  const split: Writable<ProcessSplit> = {
    decided: { weight: 0, epoch: 0, step: 0, active: false },
    isReady: false,
    unit: 'request',
    identity: undefined,
    isIdle: () => !isActive(),
    inForce: () => share.value!,
    isCold: () => split.decided.active && !warmUps.isWarm,
    warmUps,
    apply(next) {
      split.decided = next
      route()
    },
    cutOff(next) {
      if (isCutOff === next) return
      isCutOff = next
      route()
    },
    prepare(strategy) {
      if (split.isReady) return
      router.adopt(strategy)
      split.identity = splitIdentityOf(strategy)
    },
    adopt(strategy) {
      router.adopt(strategy)
      split.identity = splitIdentityOf(strategy)
      split.unit = strategy.unit
      split.isReady = true
    },
  }
  route()
  return split
}

/** Adds the warm-up from the options to the other warm-ups. */
export function addWarmUp(warmUps: WarmUps, { run, timeoutMs }: ResolvedCanary['warmUp'], clock: Clock): void {
  if (run) warmUps.add(() => withDeadline(clock, timeoutMs, (signal) => run(signal)))
}
