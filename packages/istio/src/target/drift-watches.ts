import type { Clock } from '@model-canary/core'
import type { Drift, TargetSplit } from '@model-canary/core/controller'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import type { RouteTable } from '../routes/route-table.js'
import type { Mark } from './mark.js'
import { readSplit } from './read-split.js'
import { createReassertion } from './reassertion.js'
import { type Circumstances, driftWith } from './ruling.js'
import { type Footing, pointedElsewhere } from './subsets.js'
import { notTakenUp, type TakeUp } from './taken-up.js'
import { watchDrift } from './watch-drift.js'

/** The parts of a target that its watches use. */
export interface DriftWatchesParts {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly table: RouteTable
  readonly where: string
  readonly clock: Clock
  readonly footing: Footing | undefined
  /** Reads the gateways' status from the object; `undefined` if its kind has none. */
  readonly takeUp: ((object: KubeObject) => TakeUp) | undefined
  /** Returns what this process applied last. */
  readonly applied: () => Mark | undefined
  /** Returns the split that is being applied or was refused. */
  readonly underWay: () => TargetSplit | undefined
  readonly circumstances: () => Circumstances
  /** Writes again what was applied; `undefined` if drift is only reported. */
  readonly rewrite: ((signal: AbortSignal) => Promise<void>) | undefined
}

/** All watches of a target. */
export interface DriftWatches {
  /** Adds a listener for drift; `null` means that there is none. The returned function removes it. */
  watch(listener: (drift: Drift | null) => void): () => void
  /** Reports that a split was not written because of the route or its footing, although nothing has changed there. */
  refused(drift: Drift, of: 'route' | 'footing'): void
  /** Checks for drift again, because a split was applied. */
  taken(): void
}

/** One watch. */
type Watcher = Pick<DriftWatches, 'refused' | 'taken'>

/** Creates the watches of a target: of its route, and of the DestinationRule behind the route. */
export function createDriftWatches(parts: DriftWatchesParts): DriftWatches {
  const { kube, address, table, where, clock, footing, takeUp, applied, underWay, circumstances, rewrite } = parts
  const watchers = new Set<Watcher>()

  const judgeRoute = () => {
    const [split, known] = [underWay(), circumstances()]
    const isMet = ((split ?? known.applied)?.weight ?? 0) > 0
    return (object: KubeObject): Drift | null =>
      driftWith(split, readSplit(table, object), known) ?? (isMet ? notTakenUp(where, takeUp?.(object)) : null)
  }

  /** Whether the canary gets traffic; if not, it does not matter which pods its subset selects. */
  const isGiven = (): boolean => (applied()?.weight ?? 0) > 0

  const judgeFooting = (ground: Footing) => () => {
    const mark = applied()
    return (object: KubeObject): Drift | null => {
      const now = ground.selectedIn(object)
      if (mark?.selects === undefined || mark.selects === now) return null
      return { weight: mark.weight, message: pointedElsewhere(ground, now, mark.selects) }
    }
  }

  return {
    watch(listener) {
      const reassertion = rewrite === undefined ? undefined : createReassertion(clock, rewrite)
      let ofRoute: Drift | null = null
      let ofFooting: Drift | null = null
      let told: Drift | null = null

      const tell = (): void => {
        told = ofRoute ?? (isGiven() ? ofFooting : null)
        listener(told)
        if (ofRoute === null) reassertion?.settled()
        else reassertion?.begin()
      }
      const tellNews = (): void => {
        if (told?.message !== (ofRoute ?? (isGiven() ? ofFooting : null))?.message) tell()
      }
      const route = watchDrift({ kube, address, where, clock, judge: judgeRoute }, (drift) => {
        ofRoute = drift
        tell()
      })
      const ground =
        footing &&
        watchDrift(
          { kube, address: footing.address, where: footing.where, clock, judge: judgeFooting(footing) },
          (drift) => {
            ofFooting = drift
            tellNews()
          },
        )
      const watcher: Watcher = {
        refused(drift, of) {
          if (of === 'route') ofRoute = drift
          else ofFooting = drift
          tellNews()
        },
        taken() {
          ground?.look()
          if (told !== null) route.look()
        },
      }
      watchers.add(watcher)
      return () => {
        watchers.delete(watcher)
        reassertion?.stop()
        route.stop()
        ground?.stop()
      }
    },
    refused(drift, of) {
      for (const watcher of watchers) watcher.refused(drift, of)
    },
    taken() {
      for (const watcher of watchers) watcher.taken()
    },
  }
}
