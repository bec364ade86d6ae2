import { randomUUID } from 'node:crypto'
import { CanaryError, type Clock, type Drift, isCanaryError, type Target, type TargetSplit } from '@model-canary/core'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import { aFunction } from '../kube/options.js'
import type { RouteTable } from '../routes/route-table.js'
import { latest, MARK, type Mark, markText } from './mark.js'
import { driftOf, readSplit, type SplitReading } from './read-split.js'
import { createReassertion } from './reassertion.js'
import { watchDrift } from './watch-drift.js'

/** What is done when somebody else changes the weight: wait for a person, or write it again. */
export type OnDrift = 'hold' | 'reassert'

/** A target that writes weights into one object of the cluster. */
export interface RouteTarget extends Target {
  watch(listener: (drift: Drift | null) => void): () => void
  /** What is in force, beside what was applied last. */
  read(signal?: AbortSignal): Promise<SplitReading>
}

/** What a route target is made of. */
export interface RouteTargetParts {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly table: RouteTable
  readonly onDrift: OnDrift
  readonly precision: number
  readonly clock: Clock
  /** Called before the canary gets its first share of a life; rejects while its destination is not ready for it. */
  readonly prepare: ((reading: SplitReading, signal: AbortSignal) => Promise<void>) | undefined
}

/** How often a promotion is decided anew because others write at the same time. */
const MOST_CONFLICTS = 5

/** The same for a rollback, which goes before everything. */
const MOST_CONFLICTS_AT_ZERO = 50

/** Makes a target over one object: reads, decides, writes with the version that was read, and reads back. */
export function routeTarget(parts: RouteTargetParts): RouteTarget {
  const { kube, address, table, onDrift, precision, clock, prepare } = parts
  aFunction('kube.get', kube?.get)
  const where = `${table.kind} ${address.namespace}/${address.name}`
  const by = randomUUID()
  let applied: Mark | undefined
  let underWay: TargetSplit | undefined

  /** Writes what is wanted into the object as it was read. */
  const write = async (object: KubeObject, mark: Mark, signal: AbortSignal): Promise<void> => {
    const { resourceVersion } = object.metadata
    const annotations = { [MARK]: markText(mark) }
    const patch = { metadata: { resourceVersion, annotations }, spec: table.specFor(object, mark.weight) }
    await kube.mergePatch(address, patch, signal)
  }

  const confirm = async (mark: Mark, signal: AbortSignal): Promise<void> => {
    const { weight, problem } = readSplit(table, await kube.get(address, signal))
    if (weight === mark.weight) return
    throw problem ?? drifted(where, `${mark.weight} % was written, and read back the canary has ${weight} %`)
  }

  /** What was decided before another controller of the rollout went on is not written over what that one has decided. */
  const refuseOvertaken = (found: Mark | undefined, revision: number): void => {
    if (found === undefined || applied === undefined || found.revision < revision) return
    if (found.by === by || markText(found) === markText(applied)) return
    const advice = 'wait for what it has stored, or end one of the two'
    throw drifted(where, `another controller has applied ${found.weight} % since; ${advice}`)
  }

  /** One round of read, decide, write: the mark that is in the object then. */
  const attempt = async ({ weight, epoch, revision }: TargetSplit, signal: AbortSignal): Promise<Mark> => {
    const object = await kube.get(address, signal)
    const reading = readSplit(table, object)
    const { mark } = reading
    const before = latest(mark, applied)
    if (reading.weight === weight && mark?.weight === weight && mark.epoch === epoch && mark === before) return mark
    if (weight > 0 && mark === before) refuseOvertaken(mark, revision)
    if (onDrift === 'hold' && !isReduction(weight, reading, before)) refuseDrift(where, reading, applied, weight)
    if (weight > 0 && (before?.epoch !== epoch || !reading.weight)) await prepare?.(reading, signal)
    const next = { weight, epoch, revision: Math.max(revision, (before?.revision ?? 0) + 1), by }
    await write(object, next, signal)
    await confirm(next, signal)
    return next
  }

  const untilTaken = async (split: TargetSplit, signal: AbortSignal): Promise<Mark> => {
    const most = split.weight === 0 ? MOST_CONFLICTS_AT_ZERO : MOST_CONFLICTS
    for (let conflicts = 0; conflicts <= most; conflicts += 1) {
      try {
        return await attempt(split, signal)
      } catch (error) {
        if (!isCanaryError(error, 'KUBE_CONFLICT')) throw error // somebody else wrote in between: decide anew
      }
    }
    throw new CanaryError('KUBE_CONFLICT', `${where} is written by others all the time`)
  }

  return {
    precision,
    splitsTraffic: true,
    async apply(split, signal) {
      underWay = split
      const mark = await untilTaken(split, signal)
      if (underWay !== split) return // a newer one was begun meanwhile, and is sent again
      applied = mark
      underWay = undefined
    },
    async read(signal) {
      return readSplit(table, await kube.get(address, signal))
    },
    watch(listener) {
      const rewrite = async (signal: AbortSignal): Promise<void> => {
        if (underWay !== undefined) return // a newer weight is on its way, and this would be the one before
        const object = await kube.get(address, signal)
        const reading = readSplit(table, object)
        const mark = latest(reading.mark, applied)
        if (mark !== undefined && driftOf(where, reading, applied) !== null) await write(object, mark, signal)
      }
      const reassertion = onDrift === 'reassert' ? createReassertion(clock, rewrite) : undefined
      const stop = watchDrift({ kube, address, table, where, clock, applied: () => applied }, (drift) => {
        listener(drift)
        if (drift === null) reassertion?.settled()
        else reassertion?.begin()
      })
      return () => {
        reassertion?.stop()
        stop()
      }
    },
  }
}

const drifted = (where: string, detail: string): CanaryError => new CanaryError('ROUTE_DRIFTED', `${where}: ${detail}`)

/** Whether the canary gets less than was applied, and not more than it has, or nothing at all: that is always written. */
function isReduction(weight: number, reading: SplitReading, before: Mark | undefined): boolean {
  return weight === 0 || (before !== undefined && weight < before.weight && weight <= (reading.weight ?? 0))
}

/** More canary is not written over what somebody else decided, unless they decided the same. */
function refuseDrift(where: string, reading: SplitReading, applied: Mark | undefined, weight: number): void {
  const drift = driftOf(where, reading, applied)
  if (drift === null || reading.weight === weight) return
  const advice = 'put it back, or roll the rollout back'
  throw new CanaryError('ROUTE_DRIFTED', `${drift.message} ${weight} % is not written over it; ${advice}`)
}
