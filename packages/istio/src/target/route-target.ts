import { randomUUID } from 'node:crypto'
import { CanaryError, type Clock, isCanaryError } from '@model-canary/core'
import type { Drift, Target, TargetSplit } from '@model-canary/core/controller'
import { pause, pauseBeforeTry } from '@model-canary/foundation'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import { aFunction } from '../kube/options.js'
import type { RouteTable } from '../routes/route-table.js'
import { createDriftWatches } from './drift-watches.js'
import { latest, MARK, type Mark, markText } from './mark.js'
import { driftOf, readSplit, type SplitReading } from './read-split.js'
import { type Circumstances, drifted, ruleOn } from './ruling.js'
import { type Footing, pointedElsewhere } from './subsets.js'
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

/** How often an increase is retried after write conflicts. */
const MOST_CONFLICTS = 5

/** How often a rollback is retried after write conflicts. */
const MOST_CONFLICTS_AT_ZERO = 50

/** How long the gateways may take to process a new weight, and the pauses between reads, in milliseconds. */
const TAKE_UP = { withinMs: 3_000, pauses: { firstMs: 400, longestMs: 400 } }

/** Creates a target over one object: reads, decides, writes with the version that was read, and reads back. */
export function routeTarget(parts: RouteTargetParts): RouteTarget {
  const { kube, address, table, onDrift, precision, clock, footing, takeUp } = parts
  aFunction('kube.get', kube?.get)
  const where = `${table.kind} ${address.namespace}/${address.name}`
  const by = randomUUID()
  let applied: Mark | undefined
  let underWay: TargetSplit | undefined
  let isNewcomer = false

  const circumstances = (): Circumstances => ({ where, applied, by, isNewcomer, onDrift })
  const watches = createDriftWatches({
    kube,
    address,
    table,
    where,
    clock,
    footing,
    takeUp,
    applied: () => applied,
    underWay: () => underWay,
    circumstances,
    rewrite: onDrift === 'reassert' ? rewrite : undefined,
  })

  /** Writes a weight and a mark, with the version of the object that was read. */
  async function write(object: KubeObject, weight: number, mark: Mark | undefined, signal: AbortSignal): Promise<void> {
    const { resourceVersion } = object.metadata
    const annotations = mark && { [MARK]: markText(mark) }
    const patch = { metadata: { resourceVersion, annotations }, spec: table.specFor(object, weight) }
    await kube.mergePatch(address, patch, signal)
  }

  /** Writes again what was applied. */
  async function rewrite(signal: AbortSignal): Promise<void> {
    if (underWay !== undefined) return // a newer weight is being applied, so the old one must not be written
    const object = await kube.get(address, signal)
    const reading = readSplit(table, object)
    const mark = latest(reading.mark, applied)
    if (mark !== undefined && driftOf(where, reading, applied) !== null) await write(object, mark.weight, mark, signal)
  }

  /** Resolves once the gateways use an object that gives the canary a share. */
  const untilTakenUp = async (read: KubeObject, weight: number, signal: AbortSignal): Promise<void> => {
    if (takeUp === undefined || weight === 0) return
    const startedAt = clock.elapsed()
    for (let object = read; ; object = await kube.get(address, signal)) {
      const found = takeUp(object)
      if (found.kind === 'taken') return
      if (found.kind === 'refused' || clock.elapsed() - startedAt >= TAKE_UP.withinMs) {
        throw new CanaryError('ROUTE_NOT_READY', `${where} is not in force: ${found.detail}`)
      }
      await pause(clock, pauseBeforeTry(TAKE_UP.pauses, 0), signal, { keepAlive: true })
      signal.throwIfAborted()
    }
  }

  const confirm = async (mark: Mark, signal: AbortSignal): Promise<void> => {
    const object = await kube.get(address, signal)
    const { weight, problem } = readSplit(table, object)
    if (weight === mark.weight) return untilTakenUp(object, weight, signal)
    throw problem ?? drifted(`${where}: ${mark.weight} % was written, but the canary has ${weight} % when read back`)
  }

  const refuse = (drift: Drift, of: 'route' | 'footing', error: CanaryError): never => {
    watches.refused(drift, of)
    throw error
  }

  /** Checks the DestinationRule before an increase, and returns what its subsets select. */
  const groundFor = async (split: TargetSplit, reading: SplitReading, signal: AbortSignal) => {
    if (footing === undefined) return undefined
    const before = latest(reading.mark, applied)
    if (before?.epoch !== split.epoch || !reading.weight) return footing.prepare(reading, signal)
    const now = await footing.read(signal)
    if (before.selects === undefined || before.selects === now) return now
    const message = pointedElsewhere(footing, now, before.selects)
    const advice = `${split.weight} % is not written; restore the labels, or roll back`
    return refuse({ weight: reading.weight, message }, 'footing', drifted(`${message} ${advice}`))
  }

  /** Reads, decides and writes once. Resolves to the mark that is then in the object. */
  const attempt = async (split: TargetSplit, signal: AbortSignal): Promise<Mark> => {
    const { weight, epoch, revision } = split
    const object = await kube.get(address, signal)
    const reading = readSplit(table, object)
    const before = latest(reading.mark, applied)
    const ruling = ruleOn(split, reading, circumstances())
    if (ruling.kind === 'refuse') return refuse(ruling.drift, 'route', ruling.error)
    if (ruling.kind === 'in-force') {
      await untilTakenUp(object, weight, signal)
      return ruling.mark
    }
    const isMore = weight > 0 && !ruling.isReduction
    const selects = isMore ? await groundFor(split, reading, signal) : before?.selects
    const next = { weight, epoch, revision: Math.max(revision, (before?.revision ?? 0) + 1), by }
    const mark: Mark = selects === undefined ? next : { ...next, selects }
    const isStranger = isNewcomer && ruling.isReduction && reading.weight !== 0
    // a reduction by another controller keeps the mark, so that the mark's own rollout sees it as drift
    await write(object, weight, isStranger ? reading.mark : mark, signal)
    await confirm(mark, signal)
    return mark
  }

  const untilTaken = async (split: TargetSplit, signal: AbortSignal): Promise<Mark> => {
    const most = split.weight === 0 ? MOST_CONFLICTS_AT_ZERO : MOST_CONFLICTS
    for (let conflicts = 0; conflicts <= most; conflicts += 1) {
      try {
        return await attempt(split, signal)
      } catch (error) {
        if (!isCanaryError(error, 'KUBE_CONFLICT')) throw error // read and decide again
      }
    }
    throw new CanaryError(
      'KUBE_CONFLICT',
      `${where} is being written by other clients all the time; check which controllers write it`,
    )
  }

  return {
    precision,
    splitsTraffic: true,
    checkBaseline: parts.checkBaseline,
    async apply(split, signal) {
      underWay = split
      isNewcomer = split.lastKnown === null && applied === undefined
      const mark = await untilTaken(split, signal)
      if (underWay !== split) return // a newer split is being applied by now
      applied = mark
      isNewcomer = false
      underWay = undefined
      watches.taken()
    },
    async read(signal) {
      return readSplit(table, await kube.get(address, signal))
    },
    watch: watches.watch,
  }
}
