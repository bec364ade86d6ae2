import { CanaryError, type CanaryErrorCode, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Lease } from '../rollout/fleet.js'
import { type Drift, isForAnyone, type Target, type TargetSplit } from '../rollout/ports.js'
import type { InForce } from '../rollout/status.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import { createWaiting, type Waiting } from '../runtime/waiting.js'
import { type Applier, createApplier } from './applier.js'
import { createDriftWatch, type DriftWatch, isExpected } from './drift-watch.js'
import type { ProcessAlerts } from './process-alerts.js'
import { calmRefusals, tellRefusal } from './refusal-alerts.js'
import { createRewrites, type Rewrites } from './rewrites.js'
import type { ShareInForce } from './share-in-force.js'

/** Sends splits to a target, and watches it for changes from outside. */
export interface TargetWrites {
  /** True while a split was not yet applied that this process has to send. */
  readonly isUnderWay: boolean
  /** True if the latest split is an increase that this process leaves to the leader. */
  readonly isLeft: boolean
  /** The code of the latest failure of the pending split; `null` if it has not failed. */
  readonly refusal: CanaryErrorCode | null
  /** The present change of the split from outside; `null` if there is none. */
  readonly drift: Drift | null
  /**
   * Sends a split. Resolves once the target has applied it, or if it is left to the leader; to `undefined` once a newer
   * one has replaced it. `stored` is its revision in the store; `split.lastKnown` is the share in force according to the store.
   */
  bring(split: Omit<TargetSplit, 'revision'>, stored: number, isLess: boolean): Promise<Taken | undefined>
  /** Sends the latest split again if it was a reduction: another process may have written the earlier split over it. */
  again(): void
  /** Sends the latest split if it was left to an earlier leader, and this process leads now. */
  catchUp(): void
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
  /** Returns the right to judge of this process, and the highest fence it knows; left out if no store is shared. */
  readonly leading?: (() => Leading) | undefined
  /** Called when the applied weight is in force again after a change from outside. */
  readonly onLate: () => void
  /** Called with every write that was not requested by `bring`. */
  readonly onTask: (task: Promise<void>) => void
}

/** Whether this process leads those that share its store. */
export interface Leading {
  readonly lease: Lease | undefined
  /** The highest fence of a leader that is known from the store. */
  readonly fence: number
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
  /** True if the latest split is left to the leader. */
  isLeft: boolean
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
  isLeft: false,
  isClosed: false,
})

/** Creates the writes; none is pending. */
export function createTargetWrites(options: TargetWritesOptions): TargetWrites {
  const { clock, share, onTask, leading } = options
  const line = newLine()
  const waiting = createWaiting()
  const fenced = leading && createFencing(line, leading)
  const applier = createApplier({ ...options, fenced, onFailure: (...failure) => onFailure(line, options, ...failure) })
  const isOwed = (): boolean => line.isLeft && leading?.().lease !== undefined

  const send = (split: TargetSplit, isLess: boolean): Promise<Taken | undefined> =>
    sendOn({ line, waiting, applier, watch, rewrites, options }, split, isLess)

  const sendAgain = (latest: TargetSplit, isLess: boolean): void => {
    const sent = send(numbered(line, latest), isLess)
    onTask(sent.then((taken) => (taken?.isLate && !isLess ? options.onLate() : undefined)))
  }
  const again = (): void => {
    if (!line.isClosed && line.latest?.isReduction === true) sendAgain(line.latest, true)
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
      return line.awaited !== undefined || isOwed()
    },
    get isLeft() {
      return line.isLeft
    },
    get refusal() {
      return line.awaited === undefined ? null : line.refusal
    },
    get drift() {
      return watch.drift
    },
    bring: (split, stored, isLess) => send(numbered(line, split, stored), isLess),
    again,
    catchUp() {
      if (!line.isClosed && isOwed()) sendAgain(line.latest!, false)
    },
    settled: () => waiting.until(() => line.awaited === undefined && !isOwed()),
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
  const mayGoOut = () => line.awaited !== split || isExpected(watch.drift, split)
  Object.assign(line, { awaited: split, latest: split, refusal: null, isLeft: false })
  line.isLate = !isLess && !mayGoOut()
  waiting.tell()
  if (line.isLate) await waiting.until(mayGoOut)
  if (line.awaited !== split || line.isClosed) return undefined
  const isTaken = await applier.apply(split)
  if (line.awaited !== split || !(isTaken || line.isLeft)) return undefined
  line.awaited = undefined
  calmRefusals(options.alerts)
  if (isTaken) line.taken = options.share.put(split.weight)
  else leave(line, options.share)
  rewrites.sent()
  waiting.tell()
  rewrites.plan() // a drift may have been reported before the answer arrived
  return { isLate: line.isLate }
}

/** Returns a split with the next revision, at least the stored one, and with the share in force. */
function numbered(line: Line, split: Omit<TargetSplit, 'revision'>, stored = 0): TargetSplit {
  line.revision = Math.max(line.revision + 1, stored)
  return { ...split, revision: line.revision, lastKnown: line.taken?.weight ?? split.lastKnown ?? null }
}

/** Returns the function that gives a split the fence of its sender, or records that it is left to the leader. */
function createFencing(line: Line, leading: () => Leading) {
  return (split: TargetSplit): TargetSplit | undefined => {
    const { lease, fence } = leading()
    line.isLeft = lease === undefined && !isForAnyone(split)
    return line.isLeft ? undefined : { ...split, fence: Math.max(fence, lease?.fence ?? 0) }
  }
}

/** Records that the leader changes the share in force, and that this process does not know when. */
function leave(line: Line, share: ShareInForce): void {
  line.taken = null
  share.forget()
}

function onFailure(
  line: Line,
  { events, alerts, share }: TargetWritesOptions,
  cause: unknown,
  mayBeInForce: boolean,
): void {
  if (mayBeInForce) share.forget()
  line.isLate = true
  line.refusal = isCanaryError(cause) ? cause.code : 'TARGET_FAILED'
  events.report(new CanaryError('TARGET_FAILED', messageOf(cause), { cause }))
  tellRefusal(alerts, line.latest!, share, cause)
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
    else share.forget()
  } else if (drift.weight === null) share.forget()
  else share.put(drift.weight)
}
