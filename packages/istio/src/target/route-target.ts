import { CanaryError, type Clock, type Drift, isCanaryError, type Target, type TargetSplit } from '@model-canary/core'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import type { RouteTable } from '../routes/route-table.js'
import { MARK, type Mark, markText } from './mark.js'
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
  const where = `${table.kind} ${address.namespace}/${address.name}`
  let applied: Mark | undefined

  /** Writes what is wanted into the object as it was read. */
  const write = async (object: KubeObject, mark: Mark, signal: AbortSignal | undefined): Promise<void> => {
    const { resourceVersion } = object.metadata
    const annotations = { [MARK]: markText(mark) }
    const patch = { metadata: { resourceVersion, annotations }, spec: table.specFor(object, mark.weight) }
    await kube.mergePatch(address, patch, signal)
  }

  const confirm = async (mark: Mark, signal: AbortSignal | undefined): Promise<void> => {
    const { weight, problem } = readSplit(table, await kube.get(address, signal))
    if (weight === mark.weight) return
    const found = problem?.message ?? `the canary has ${weight} %`
    throw new CanaryError('ROUTE_DRIFTED', `${where}: ${mark.weight} % was written, and read back ${found}`)
  }

  /** One round of read, decide, write; false where somebody else wrote in between. */
  const attempt = async (split: TargetSplit, signal: AbortSignal): Promise<boolean> => {
    const object = await kube.get(address, signal)
    const reading = readSplit(table, object)
    const mark = { weight: split.weight, epoch: split.epoch }
    if (!isReduction(mark, reading.mark ?? applied) && onDrift === 'hold') refuseDrift(where, reading, applied, mark)
    if (mark.weight > 0 && (reading.mark?.epoch !== mark.epoch || !reading.weight)) await prepare?.(reading, signal)
    if (reading.weight === mark.weight && reading.mark?.weight === mark.weight && reading.mark.epoch === mark.epoch) {
      return true
    }
    try {
      await write(object, mark, signal)
    } catch (error) {
      if (isCanaryError(error, 'KUBE_CONFLICT')) return false
      throw error
    }
    await confirm(mark, signal)
    return true
  }

  return {
    precision,
    splitsTraffic: true,
    async apply(split, signal) {
      const most = split.weight === 0 ? MOST_CONFLICTS_AT_ZERO : MOST_CONFLICTS
      for (let conflicts = 0; !(await attempt(split, signal)); conflicts += 1) {
        if (conflicts === most) throw new CanaryError('KUBE_CONFLICT', `${where} is written by others all the time`)
      }
      applied = { weight: split.weight, epoch: split.epoch }
    },
    async read(signal) {
      return readSplit(table, await kube.get(address, signal))
    },
    watch(listener) {
      const rewrite = async (signal: AbortSignal): Promise<void> => {
        const object = await kube.get(address, signal)
        const reading = readSplit(table, object)
        const mark = reading.mark ?? applied
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

/** Whether a split takes canary away from what was applied, or all of it: that is always written. */
function isReduction({ weight }: Mark, before: Mark | undefined): boolean {
  return weight === 0 || (before !== undefined && weight < before.weight)
}

/** More canary is not written over what somebody else decided, unless they decided the same. */
function refuseDrift(where: string, reading: SplitReading, applied: Mark | undefined, wanted: Mark): void {
  const drift = driftOf(where, reading, applied)
  if (drift === null || reading.weight === wanted.weight) return
  const advice = 'put it back, or roll the rollout back'
  throw new CanaryError('ROUTE_DRIFTED', `${drift.message} ${wanted.weight} % is not written over it; ${advice}`)
}
