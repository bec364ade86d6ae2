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

/** What the watches of one target share with it. */
export interface DriftWatchesParts {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly table: RouteTable
  readonly where: string
  readonly clock: Clock
  readonly footing: Footing | undefined
  /** What the gateways say of the object; left out where nobody says anything. */
  readonly takeUp: ((object: KubeObject) => TakeUp) | undefined
  /** What this process applied last. */
  readonly applied: () => Mark | undefined
  /** What is being applied, or was refused. */
  readonly underWay: () => TargetSplit | undefined
  readonly circumstances: () => Circumstances
  /** Writes what was applied once more; left out where drift is only told. */
  readonly rewrite: ((signal: AbortSignal) => Promise<void>) | undefined
}

/** Everybody who watches a target. */
export interface DriftWatches {
  watch(listener: (drift: Drift | null) => void): () => void
  /** A split was not written, for what the route or its footing is like: that is told, though nothing in the cluster has changed. */
  refused(drift: Drift, of: 'route' | 'footing'): void
  /** A split was taken: what was told is judged anew. */
  taken(): void
}

/** One who watches. */
type Watcher = Pick<DriftWatches, 'refused' | 'taken'>

/** Makes the watches of a target: of its route, and of what the route's destinations are. */
export function createDriftWatches(parts: DriftWatchesParts): DriftWatches {
  const { kube, address, table, where, clock, footing, takeUp, applied, underWay, circumstances, rewrite } = parts
  const watchers = new Set<Watcher>()

  const judgeRoute = () => {
    const [split, known] = [underWay(), circumstances()]
    const isMet = ((split ?? known.applied)?.weight ?? 0) > 0
    return (object: KubeObject): Drift | null =>
      driftWith(split, readSplit(table, object), known) ?? (isMet ? notTakenUp(where, takeUp?.(object)) : null)
  }

  /** With a canary that gets nothing it does not matter whose pods it is. */
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
