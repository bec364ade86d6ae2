import type { Router, Split } from '../routing/router.js'
import type { Strategy } from '../routing/strategy.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import { createWarmUps, type WarmUps } from '../serving/warm-up.js'
import type { ResolvedCanary } from './canary-options.js'

/** The split of this process. A cold process serves no canary, whatever the rollout's weight. */
export interface ProcessSplit {
  /** The split that was decided, also while this process is cold. */
  readonly decided: Split
  /** Whether a strategy was adopted. */
  readonly isReady: boolean
  /** What the split picks at random. */
  readonly unit: Strategy['unit']
  readonly warmUps: WarmUps
  /** Whether the canary is to serve, and something is left to be warmed before. */
  readonly isCold: boolean
  apply(next: Split): void
  /** From now on requests are split by this strategy. */
  adopt(strategy: Strategy): void
}

/** Makes a split by which every request goes to the baseline. */
export function createProcessSplit(router: Pick<Router, 'apply' | 'adopt'>): ProcessSplit {
  let decided: Split = { weight: 0, epoch: 0, step: 0, active: false }
  let unit: Strategy['unit'] = 'request'
  let isReady = false
  const route = (): void => router.apply({ ...decided, active: decided.active && isReady && warmUps.isWarm })
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
    get isCold() {
      return decided.active && !warmUps.isWarm
    },
    warmUps,
    apply(next) {
      decided = next
      route()
    },
    adopt(strategy) {
      router.adopt(strategy)
      unit = strategy.unit
      isReady = true
    },
  }
}

/** Adds the warm-up of the options to the others. */
export function addWarmUp(warmUps: WarmUps, { run, timeoutMs }: ResolvedCanary['warmUp'], clock: Clock): void {
  if (run) warmUps.add(() => withDeadline(clock, timeoutMs, (signal) => run(signal)))
}
