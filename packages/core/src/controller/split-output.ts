import { CanaryError, type CanaryErrorCode, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Drift, Target, TargetSplit } from '../rollout/ports.js'
import { shareOf } from '../rollout/state.js'
import type { InForce } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Split } from '../routing/router.js'
import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import { createApplier } from './applier.js'
import { createDriftWatch } from './drift-watch.js'
import type { ProcessAlerts } from './process-alerts.js'

/** Brings every change of the split out of the rollout: to this process, and to the target if there is one. */
export interface SplitOutput {
  /** Whether a change is on its way to the target and not taken yet. */
  readonly isUnderWay: boolean
  /** The code of the latest failure of the change that is under way; `null` where it has not failed. */
  readonly refusal: CanaryErrorCode | null
  /** What the target is known to give the canary; without a target, what this process gives it. */
  readonly inForce: InForce | null
  /** What somebody else made of the split that the target had taken, while that lasts. */
  readonly drift: Drift | null
  /** Resolves once the change is out, or was overtaken by a newer one. */
  show(before: StoredRollout, after: StoredRollout): Promise<void>
  /** Sends the target what it was sent last, where that was less canary: somebody else may have put back what was there before. */
  again(): void
  /** Resolves once nothing is under way any more, also because of `close()`. */
  settled(): Promise<void>
  /** Begins or ends to watch the target for changes by others. */
  follow(isWanted: boolean): void
  close(): void
}

/** Where splits go. */
export interface SplitOutputOptions {
  readonly target: Target | undefined
  readonly onSplit: ((split: Split) => void) | undefined
  readonly clock: Clock
  readonly timeoutMs: number
  readonly events: Events
  readonly alerts: ProcessAlerts
  /** Whether the rollout is known from its store too, and not from this process alone. */
  readonly hasHeard: () => boolean
  /** Called when the decided weight came into force only now: the target had failed, or somebody else had changed it. */
  readonly onLate: () => void
  /** Called with every change that this makes on its own account. */
  readonly onTask: (task: Promise<void>) => void
}

/** Between two writes of 0 over what somebody else keeps putting there. */
const REWRITE_BACK_OFF: BackOff = { firstMs: 2_000, longestMs: 60_000 }

/** Less canary: here first, at once, then the target. More canary: the target first, then here. */
export function createSplitOutput(options: SplitOutputOptions): SplitOutput {
  const { target, onSplit, clock, timeoutMs, events, alerts, hasHeard, onLate, onTask } = options
  const waiting = new Set<() => void>()
  let awaited: TargetSplit | undefined
  let latest: TargetSplit | undefined
  let refusal: CanaryErrorCode | null = null
  let taken: InForce | null = null // what this target took last
  let inForce: InForce | null = target === undefined ? { weight: 0, since: clock.now() } : null
  let revision = 0
  let isLate = false // the change under way did not get through at once
  let sentAt = Number.NEGATIVE_INFINITY
  let rewrites = 0
  let pauseMs = pauseBeforeTry(REWRITE_BACK_OFF, rewrites)
  let cancelRewrite: (() => void) | undefined
  let isClosed = false

  const onFailure = (cause: unknown): void => {
    isLate = true
    refusal = isCanaryError(cause) ? cause.code : 'TARGET_FAILED'
    events.report(new CanaryError('TARGET_FAILED', messageOf(cause), { cause }))
    alerts.raise('target', `the target did not take the weight: ${messageOf(cause)}`)
  }
  const applier = target && createApplier({ target, clock, timeoutMs, onFailure })
  const watch = createDriftWatch({ target, events, alerts, onDrift })

  function put(weight: number): InForce {
    inForce = inForce?.weight === weight ? inForce : { weight, since: clock.now() }
    return inForce
  }

  function onDrift(drift: Drift | null, before: Drift | null): void {
    if (drift === null) {
      if (taken !== null) put(taken.weight)
      rewrites = 0
      if (before !== null) onLate()
    } else if (drift.weight === null) inForce = null
    else put(drift.weight)
    tell() // more canary may have waited for this
    rewrite()
  }

  function tell(): void {
    for (const resolve of [...waiting]) resolve()
  }

  /** Resolves when the condition holds, or after `close()`. */
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !isClosed) {
      await new Promise<void>((resolve) => {
        const heard = () => {
          waiting.delete(heard)
          resolve()
        }
        waiting.add(heard)
      })
    }
  }

  /** More canary waits while somebody else has changed the weight, unless they want the same. */
  const mayGoOut = (split: TargetSplit): boolean =>
    awaited !== split || watch.drift === null || watch.drift.weight === split.weight

  /** Tells whether the target took this split, and not a newer one. */
  async function bring(split: TargetSplit, isLess: boolean): Promise<boolean> {
    awaited = split
    latest = split
    refusal = null
    isLate = !isLess && !mayGoOut(split)
    tell()
    if (isLate) await until(() => mayGoOut(split))
    if (awaited !== split || isClosed) return false
    if (!(await applier!.apply(split)) || awaited !== split) return false
    awaited = undefined
    alerts.calm('target')
    taken = put(split.weight)
    sentAt = clock.elapsed()
    tell()
    rewrite() // what was told on the way may have come after this
    return true
  }

  /** After a rollback, and while switched off, whatever else is there is too much: that is always ours to take away. */
  function rewrite(): void {
    cancelRewrite?.()
    cancelRewrite = undefined
    if (isClosed || awaited !== undefined || latest?.weight !== 0 || latest.isReduction !== true) return
    if (watch.drift === null || watch.drift.weight === 0) return
    const waitMs = sentAt + pauseMs - clock.elapsed()
    if (waitMs > 0) {
      cancelRewrite = clock.schedule(waitMs, rewrite)
      return
    }
    pauseMs = pauseBeforeTry(REWRITE_BACK_OFF, ++rewrites)
    again()
  }

  function again(): void {
    if (isClosed || latest?.isReduction !== true) return
    revision += 1
    onTask(bring({ ...latest, revision, lastKnown: taken?.weight ?? latest.lastKnown ?? null }, true).then(() => {}))
  }

  return {
    get isUnderWay() {
      return awaited !== undefined
    },
    get refusal() {
      return awaited === undefined ? null : refusal
    },
    get inForce() {
      return inForce
    },
    get drift() {
      return watch.drift
    },
    async show(before, after) {
      const old = splitOf(before)
      const split = splitOf(after)
      if (isSame(split, old)) return
      const weight = shareOf(after.state)
      const isLess = weight <= shareOf(before.state)
      if (isLess || applier === undefined) onSplit?.(split)
      if (applier === undefined) return void put(weight)
      if (after.state.status === 'idle') return // nothing has been decided that a target should hear of
      revision = Math.max(revision + 1, after.revision)
      const isReduction = isLessByDecision(before, after)
      const { epoch } = split
      const lastKnown = taken?.weight ?? (hasHeard() ? storedShare(before, after) : null)
      if (!(await bring({ weight, epoch, revision, isReduction, lastKnown }, isLess)) || isLess) return
      onSplit?.(split)
      if (isLate) onLate()
    },
    again,
    settled: () => until(() => awaited === undefined),
    follow: watch.follow,
    close() {
      isClosed = true
      cancelRewrite?.()
      watch.follow(false)
      applier?.close()
      tell()
    },
  }
}

/** Whether less canary was decided, and not merely less begun with: by an end, the kill switch, or a fall within one epoch. */
function isLessByDecision({ state: before }: StoredRollout, { state: after }: StoredRollout): boolean {
  if (after.status === 'rolled-back' || !after.enabled) return true
  return after.epoch === before.epoch && shareOf(after) < shareOf(before)
}

/** What the store says is in force while this change is on its way; `null` where it holds no more than a beginning. */
function storedShare(before: StoredRollout, after: StoredRollout): number | null {
  if (before.revision > 0) return shareOf(before.state)
  return after.revision > 1 ? shareOf(after.state) : null
}

const splitOf = ({ state: { weight, epoch, step, enabled } }: StoredRollout): Split => ({
  weight,
  epoch,
  step,
  active: enabled && weight > 0, // at 0 nothing is split: what the baseline serves then is no evidence
})

const isSame = (a: Split, b: Split): boolean =>
  a.weight === b.weight && a.epoch === b.epoch && a.step === b.step && a.active === b.active
