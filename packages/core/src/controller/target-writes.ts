import { CanaryError, type CanaryErrorCode, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Drift, Target, TargetSplit } from '../rollout/ports.js'
import type { InForce } from '../rollout/status.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import { createWaiting, type Waiting } from '../runtime/waiting.js'
import { type Applier, createApplier } from './applier.js'
import { createDriftWatch, type DriftWatch } from './drift-watch.js'
import type { ProcessAlerts } from './process-alerts.js'
import { createRewrites, type Rewrites } from './rewrites.js'
import type { ShareInForce } from './share-in-force.js'

/** Sends splits to a target, and watches it for changes from outside. */
export interface TargetWrites {
  /** True while a split was not yet applied. */
  readonly isUnderWay: boolean
  /** The code of the latest failure of the pending split; `null` if it has not failed. */
  readonly refusal: CanaryErrorCode | null
  /** The present change of the split from outside; `null` if there is none. */
  readonly drift: Drift | null
  /**
   * Sends a split. Resolves once the target has applied it, or to `undefined` once a newer one has replaced it.
   * `stored` is its revision in the store; `split.lastKnown` is the share in force according to the store.
   */
  bring(split: Omit<TargetSplit, 'revision'>, stored: number, isLess: boolean): Promise<Taken | undefined>
  /** Sends the latest split again if it was a reduction: another process may have written the earlier split over it. */
  again(): void
  /** Resolves once no split is pending, also because of `close()`. */
  settled(): Promise<void>
  /** Starts or stops watching the target for changes from outside. */
  follow(isWanted: boolean): void
  close(): void
}

/** The result of a split that the target has applied. */
export interface Taken {
  /** True if it had failed before, or had to wait until a change from outside was undone. */
  readonly isLate: boolean
}

/** The options of {@link createTargetWrites}. */
export interface TargetWritesOptions {
  readonly target: Target
  readonly clock: Clock
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number
  readonly events: Events
  readonly alerts: ProcessAlerts
  readonly share: ShareInForce
  /** Called when the applied weight is in force again after a change from outside. */
  readonly onLate: () => void
  /** Called with every write that was not requested by `bring`. */
  readonly onTask: (task: Promise<void>) => void
}

/** The state of the writes. */
interface Line {
  awaited: TargetSplit | undefined
  latest: TargetSplit | undefined
  refusal: CanaryErrorCode | null
  /** The share that this target applied last. */
  taken: InForce | null
  revision: number
  /** True if the pending split failed or had to wait. */
  isLate: boolean
  isClosed: boolean
}

/** The parts that send a split. */
interface Sending {
  readonly line: Line
  readonly waiting: Waiting
  readonly applier: Applier
  readonly watch: DriftWatch
  readonly rewrites: Rewrites
  readonly options: TargetWritesOptions
}

const newLine = (): Line => ({
  awaited: undefined,
  latest: undefined,
  refusal: null,
  taken: null,
  revision: 0,
  isLate: false,
  isClosed: false,
})

/** Creates the writes; none is pending. */
export function createTargetWrites(options: TargetWritesOptions): TargetWrites {
  const { clock, share, onTask } = options
  const line = newLine()
  const waiting = createWaiting()
  const applier = createApplier({ ...options, onFailure: (cause) => onFailure(line, options, cause) })

  const send = (split: TargetSplit, isLess: boolean): Promise<Taken | undefined> =>
    sendOn({ line, waiting, applier, watch, rewrites, options }, split, isLess)

  const again = (): void => {
    const { latest, taken, isClosed } = line
    if (isClosed || latest?.isReduction !== true) return
    line.revision += 1
    const lastKnown = taken?.weight ?? latest.lastKnown ?? null
    onTask(send({ ...latest, revision: line.revision, lastKnown }, true).then(() => {}))
  }

  const rewrites = createRewrites({ clock, isNeeded: () => isTooMuch(line, watch.drift), write: again })
  const watch = createDriftWatch({
    ...options,
    onDrift(drift, before) {
      putDrift(drift, line, share)
      if (drift === null) rewrites.reset()
      if (drift === null && before !== null) options.onLate()
      waiting.tell() // an increase may have waited for this
      rewrites.plan()
    },
  })
  return {
    get isUnderWay() {
      return line.awaited !== undefined
    },
    get refusal() {
      return line.awaited === undefined ? null : line.refusal
    },
    get drift() {
      return watch.drift
    },
    bring(split, stored, isLess) {
      line.revision = Math.max(line.revision + 1, stored)
      const lastKnown = line.taken?.weight ?? split.lastKnown ?? null
      return send({ ...split, revision: line.revision, lastKnown }, isLess)
    },
    again,
    settled: () => waiting.until(() => line.awaited === undefined),
    follow: watch.follow,
    close() {
      line.isClosed = true
      rewrites.cancel()
      watch.follow(false)
      applier.close()
      waiting.close()
    },
  }
}

async function sendOn(
  { line, waiting, applier, watch, rewrites, options }: Sending,
  split: TargetSplit,
  isLess: boolean,
): Promise<Taken | undefined> {
  // an increase waits while the weight is changed from outside, unless to the same weight
  const mayGoOut = () => line.awaited !== split || watch.drift === null || watch.drift.weight === split.weight
  Object.assign(line, { awaited: split, latest: split, refusal: null })
  line.isLate = !isLess && !mayGoOut()
  waiting.tell()
  if (line.isLate) await waiting.until(mayGoOut)
  if (line.awaited !== split || line.isClosed) return undefined
  if (!(await applier.apply(split)) || line.awaited !== split) return undefined
  line.awaited = undefined
  options.alerts.calm('target')
  line.taken = options.share.put(split.weight)
  rewrites.sent()
  waiting.tell()
  rewrites.plan() // a drift may have been reported before the answer arrived
  return { isLate: line.isLate }
}

function onFailure(line: Line, { events, alerts }: TargetWritesOptions, cause: unknown): void {
  line.isLate = true
  line.refusal = isCanaryError(cause) ? cause.code : 'TARGET_FAILED'
  events.report(new CanaryError('TARGET_FAILED', messageOf(cause), { cause }))
  alerts.raise('target', `the target did not take the weight: ${messageOf(cause)}`)
}

/**
 * Returns whether the target gives the canary traffic although the rollout was rolled back or is switched off. That is
 * always undone.
 */
function isTooMuch({ isClosed, awaited, latest }: Line, drift: Drift | null): boolean {
  if (isClosed || awaited !== undefined || latest?.weight !== 0 || latest.isReduction !== true) return false
  return drift !== null && drift.weight !== 0
}

/** Records the share in force: the changed one during a drift, and the applied one after it. */
function putDrift(drift: Drift | null, { taken }: Line, share: ShareInForce): void {
  if (drift === null) {
    if (taken !== null) share.put(taken.weight)
  } else if (drift.weight === null) share.forget()
  else share.put(drift.weight)
}
