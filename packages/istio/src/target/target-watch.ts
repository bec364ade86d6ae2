import type { Clock } from '@model-canary/core'
import type { Drift } from '@model-canary/core/controller'
import type { Kube } from '../kube/kube.js'
import { footingJudge, type RouteJudgeParts, routeJudge } from './drift-judges.js'
import { createReassertion } from './reassertion.js'
import type { Footing } from './subsets.js'
import { watchDrift } from './watch-drift.js'

/** What a target is watched with. */
export interface TargetWatchParts extends RouteJudgeParts {
  readonly kube: Kube
  readonly clock: Clock
  /** The DestinationRule behind the route, if the target was given one. */
  readonly footing: Footing | undefined
  /** Writes again what was applied; `undefined` if drift is only reported. */
  readonly rewrite: ((signal: AbortSignal) => Promise<void>) | undefined
}

/** The watch of one listener. */
export interface TargetWatch {
  /** Reports that a split was not written because of the route or its footing, although nothing has changed there. */
  refused(drift: Drift, of: 'route' | 'footing'): void
  /** Checks for drift again, because a split was applied. */
  taken(): void
  stop(): void
}

/** Watches the route, and the DestinationRule behind it, and reports their drift to one listener. */
export function watchTarget(parts: TargetWatchParts, listener: (drift: Drift | null) => void): TargetWatch {
  const { kube, clock, route, footing, circumstances, rewrite } = parts
  const reassertion = rewrite === undefined ? undefined : createReassertion(clock, rewrite)
  let ofRoute: Drift | null = null
  let ofFooting: Drift | null = null
  let told: Drift | null = null

  /** Returns the drift to report. Without traffic it does not matter which pods the canary's subset selects. */
  const current = (): Drift | null => ofRoute ?? ((circumstances().applied?.weight ?? 0) > 0 ? ofFooting : null)

  const tell = (): void => {
    told = current()
    listener(told)
    if (ofRoute === null) reassertion?.settled()
    else reassertion?.begin()
  }
  const tellNews = (): void => {
    if (told?.message !== current()?.message) tell()
  }
  const routeWatch = watchDrift(
    { kube, clock, address: route.address, where: route.where, judge: routeJudge(parts) },
    (drift) => {
      ofRoute = drift
      tell()
    },
  )
  const footingWatch =
    footing &&
    watchDrift(
      { kube, clock, address: footing.address, where: footing.where, judge: footingJudge(footing, circumstances) },
      (drift) => {
        ofFooting = drift
        tellNews()
      },
    )

  return {
    refused(drift, of) {
      if (of === 'route') ofRoute = drift
      else ofFooting = drift
      tellNews()
    },
    taken() {
      footingWatch?.look()
      if (told !== null) routeWatch.look()
    },
    stop() {
      reassertion?.stop()
      routeWatch.stop()
      footingWatch?.stop()
    },
  }
}
