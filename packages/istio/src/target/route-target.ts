import { randomUUID } from 'node:crypto'
import type { Clock } from '@model-canary/core'
import type { Drift, Target, TargetSplit } from '@model-canary/core/controller'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import { aFunction } from '../kube/options.js'
import type { RouteTable } from '../routes/route-table.js'
import { applySplit } from './apply-split.js'
import { createDriftWatches } from './drift-watches.js'
import { latest, type Mark } from './mark.js'
import { driftOf, type SplitReading } from './read-split.js'
import { routeObject } from './route-object.js'
import type { Circumstances } from './ruling.js'
import type { Footing } from './subsets.js'
import type { TakeUp } from './taken-up.js'

/** What to do when somebody else changes the weight: `hold` waits for a person, `reassert` writes it again. */
export type OnDrift = 'hold' | 'reassert'

/** A target that writes weights into one object of the cluster. */
export interface RouteTarget extends Target {
  /** Calls the listener with the drift, or `null` if there is none, until the returned function is called. */
  watch(listener: (drift: Drift | null) => void): () => void
  /** Rejects unless the baseline has a ready endpoint. */
  checkBaseline(signal: AbortSignal): Promise<void>
  /** Reads the split that is in force and what was applied last. */
  read(signal?: AbortSignal): Promise<SplitReading>
}

/** The parts of a route target. */
export interface RouteTargetParts {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly table: RouteTable
  readonly onDrift: OnDrift
  readonly precision: number
  readonly clock: Clock
  /** The DestinationRule that defines which pods the destinations are, if the target was given one. */
  readonly footing: Footing | undefined
  /** Rejects unless the baseline has a ready endpoint. */
  readonly checkBaseline: (signal: AbortSignal) => Promise<void>
  /** Reads the gateways' status from the object; `undefined` if its kind has none. */
  readonly takeUp: ((object: KubeObject) => TakeUp) | undefined
}

/** Creates a target over one object. */
export function routeTarget(parts: RouteTargetParts): RouteTarget {
  const { kube, address, table, onDrift, precision, clock, footing, takeUp } = parts
  aFunction('kube.get', kube?.get)
  const route = routeObject(kube, address, table)
  const by = randomUUID()
  let applied: Mark | undefined
  let underWay: TargetSplit | undefined
  let isNewcomer = false

  const circumstances = (): Circumstances => ({ where: route.where, applied, by, isNewcomer, onDrift })

  /**
   * Writes again what was applied, unless a newer weight is being applied. Of several controllers that share a store,
   * one that did not write the mark only writes less.
   */
  const rewrite = async (signal: AbortSignal): Promise<void> => {
    if (underWay !== undefined) return
    const object = await route.get(signal)
    const reading = route.splitIn(object)
    const mark = latest(reading.mark, applied)
    if (mark === undefined || driftOf(route.where, reading, applied) === null) return
    const isMore = mark.weight > (reading.weight ?? 0)
    if (isMore && mark.fence !== undefined && mark.by !== by) return // that is for the leader, which has written it
    await route.write(object, mark.weight, mark, signal)
  }

  const watches = createDriftWatches({
    kube,
    route,
    clock,
    footing,
    takeUp,
    underWay: () => underWay,
    circumstances,
    rewrite: onDrift === 'reassert' ? rewrite : undefined,
  })
  const applying = { route, clock, footing, takeUp, circumstances, onRefusal: watches.refused }

  return {
    precision,
    splitsTraffic: true,
    checkBaseline: parts.checkBaseline,
    async apply(split, signal) {
      underWay = split
      isNewcomer = split.lastKnown === null && applied === undefined
      const mark = await applySplit(applying, split, signal)
      if (underWay !== split) return // a newer split is being applied by now
      applied = mark
      isNewcomer = false
      underWay = undefined
      watches.taken()
    },
    read: async (signal) => route.splitIn(await route.get(signal)),
    watch: watches.watch,
  }
}
