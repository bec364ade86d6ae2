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
  /** Whether the baseline serves alone. */
  readonly isIdle: boolean
  readonly warmUps: WarmUps
  /** Whether the canary is to serve but something has to be warmed first. */
  readonly isCold: boolean
  apply(next: Split): void
  /** Sends all requests to the baseline until it is called with false. */
  cutOff(isCutOff: boolean): void
  /** Takes the buckets of this strategy while the baseline serves alone. No effect once a strategy was adopted. */
  prepare(strategy: Strategy): void
  /** Splits requests by this strategy from now on. */
  adopt(strategy: Strategy): void
}

/** Creates a split that sends every request to the baseline. */
export function createProcessSplit(router: Pick<Router, 'apply' | 'adopt'>): ProcessSplit {
  let decided: Split = { weight: 0, epoch: 0, step: 0, active: false }
  let unit: Strategy['unit'] = 'request'
  let identity: string | undefined
  let isReady = false
  let isCutOff = false
  const isActive = (): boolean => decided.active && isReady && !isCutOff && warmUps.isWarm
  const route = (): void => {
    const { weight, epoch, step } = decided // and not what else a split has
    router.apply({ weight, epoch, step, active: isActive() })
  }
  const warmUps = createWarmUps(route)
  route()
  return {
    get decided() {
      return decided
    },
    get isReady() {
      return isReady
    },
    get unit() {
      return unit
    },
    get identity() {
      return identity
    },
    get isIdle() {
      return !isActive()
    },
    get isCold() {
      return decided.active && !warmUps.isWarm
    },
    warmUps,
    apply(next) {
      decided = next
      route()
    },
    cutOff(next) {
      if (isCutOff === next) return
      isCutOff = next
      route()
    },
    prepare(strategy) {
      if (isReady) return
      router.adopt(strategy)
      identity = splitIdentityOf(strategy)
    },
    adopt(strategy) {
      router.adopt(strategy)
      identity = splitIdentityOf(strategy)
      unit = strategy.unit
      isReady = true
    },
  }
}

/** Adds the warm-up from the options to the other warm-ups. */
export function addWarmUp(warmUps: WarmUps, { run, timeoutMs }: ResolvedCanary['warmUp'], clock: Clock): void {
  if (run) warmUps.add(() => withDeadline(clock, timeoutMs, (signal) => run(signal)))
}
