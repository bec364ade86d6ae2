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

/** Brings splits to a target, and follows what others make of them there. */
export interface TargetWrites {
  /** Whether a split is on its way and not taken yet. */
  readonly isUnderWay: boolean
  /** The code of the latest failure of the split that is under way; `null` if it has not failed. */
  readonly refusal: CanaryErrorCode | null
  /** What somebody else made of the split that the target had taken, while that lasts. */
  readonly drift: Drift | null
  /**
   * Resolves once the target took this split, or to `undefined` once a newer one took its place.
   * `stored` is its revision in the store, `lastKnown` what is in force as far as the store knows.
   */
  bring(split: Omit<TargetSplit, 'revision'>, stored: number, isLess: boolean): Promise<Taken | undefined>
  /** Sends again what was sent last, if that was less canary: somebody else may have put back what was there before. */
  again(): void
  /** Resolves once nothing is under way any more, also because of `close()`. */
  settled(): Promise<void>
  /** Begins or ends to watch the target for changes by others. */
  follow(isWanted: boolean): void
  close(): void
}

/** How a split was taken. */
export interface Taken {
  /** Whether it had failed before, or waited for somebody else to give way. */
  readonly isLate: boolean
}

/** What writing to a target needs. */
export interface TargetWritesOptions {
  readonly target: Target
  readonly clock: Clock
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number
  readonly events: Events
  readonly alerts: ProcessAlerts
  readonly share: ShareInForce
  /** Called when the weight that the target had taken is in force again, after somebody else had changed it. */
  readonly onLate: () => void
  /** Called with every write that this makes on its own account. */
  readonly onTask: (task: Promise<void>) => void
}

/** Where the writes stand. */
interface Line {
  awaited: TargetSplit | undefined
  latest: TargetSplit | undefined
  refusal: CanaryErrorCode | null
  /** What this target took last. */
  taken: InForce | null
  revision: number
  /** Whether the split under way did not get through at once. */
  isLate: boolean
  isClosed: boolean
}

/** What a split is sent with. */
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

/** Makes writes of which none is under way. */
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
      waiting.tell() // more canary may have waited for this
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
  // more canary waits while somebody else has changed the weight, unless they want the same
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
  rewrites.plan() // what was told on the way may have come after this
  return { isLate: line.isLate }
}

function onFailure(line: Line, { events, alerts }: TargetWritesOptions, cause: unknown): void {
  line.isLate = true
  line.refusal = isCanaryError(cause) ? cause.code : 'TARGET_FAILED'
  events.report(new CanaryError('TARGET_FAILED', messageOf(cause), { cause }))
  alerts.raise('target', `the target did not take the weight: ${messageOf(cause)}`)
}

/** After a rollback, and while switched off, whatever else is there is too much: that is always ours to take away. */
function isTooMuch({ isClosed, awaited, latest }: Line, drift: Drift | null): boolean {
  if (isClosed || awaited !== undefined || latest?.weight !== 0 || latest.isReduction !== true) return false
  return drift !== null && drift.weight !== 0
}

/** What somebody else made of the split is in force, or what the target took is again. */
function putDrift(drift: Drift | null, { taken }: Line, share: ShareInForce): void {
  if (drift === null) {
    if (taken !== null) share.put(taken.weight)
  } else if (drift.weight === null) share.forget()
  else share.put(drift.weight)
}
