import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import type { Events } from '../events.js'
import { messageOf } from '../message-of.js'
import type { Split } from '../routing/router.js'
import { createApplier } from './applier.js'
import type { Drift, Target, TargetSplit } from './ports.js'
import type { StoredRollout } from './store.js'

/** Brings every change of the split out of the rollout: to this process, and to the target if there is one. */
export interface SplitOutput {
  /** Whether a change is on its way to the target and not taken yet. */
  readonly isUnderWay: boolean
  /** What somebody else made of the split that the target had taken, while that lasts. */
  readonly drift: Drift | null
  /** Resolves once the change is out, or was overtaken by a newer one. */
  show(before: StoredRollout, after: StoredRollout): Promise<void>
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
  /** Called when the decided weight came into force only now: the target had failed, or somebody else had changed it. */
  readonly onLate: () => void
}

/** What is kept of a target's words, in UTF-16 units: they come from outside. */
const LONGEST_MESSAGE = 500

/** Less canary: here first, at once, then the target. More canary: the target first, then here. */
export function createSplitOutput({
  target,
  onSplit,
  clock,
  timeoutMs,
  events,
  onLate,
}: SplitOutputOptions): SplitOutput {
  let awaited: TargetSplit | undefined
  let hasFailed = false
  const onFailure = (cause: unknown, tries: number): void => {
    hasFailed = true
    events.report(new CanaryError('TARGET_FAILED', messageOf(cause), { cause }))
    if (tries === 1) events.alert('target', `the target did not take the weight: ${messageOf(cause)}`)
  }
  const applier = target && createApplier({ target, clock, timeoutMs, onFailure })
  let revision = 0
  let drift: Drift | null = null
  let isFollowing = false
  let unfollow: (() => void) | undefined

  const onDrift = (found: Drift | null): void => {
    if (!isFollowing) return // told after the end
    const before = drift
    drift = found && { ...found, message: String(found.message).slice(0, LONGEST_MESSAGE) }
    if (drift !== null && drift.message !== before?.message) events.drifted(drift)
    if (found === null && before !== null) onLate()
  }

  function follow(isWanted: boolean): void {
    if (isWanted === isFollowing) return
    isFollowing = isWanted // before the watch begins: it may tell something at once
    drift = null
    const end = unfollow
    unfollow = undefined
    try {
      if (isWanted) unfollow = target?.watch?.(onDrift)
      else end?.()
    } catch (cause) {
      onWatchFailure(cause)
    }
  }

  /** A rollback must come true also where the target cannot be watched. */
  function onWatchFailure(cause: unknown): void {
    events.report(new CanaryError('TARGET_FAILED', `its watch failed: ${messageOf(cause)}`, { cause }))
    events.alert('target', `the target is not watched for changes by others: ${messageOf(cause)}`)
  }

  return {
    get isUnderWay() {
      return awaited !== undefined
    },
    get drift() {
      return drift
    },
    async show(before, after) {
      const old = splitOf(before)
      const split = splitOf(after)
      if (isSame(split, old)) return
      const isLess = shownWeight(split) <= shownWeight(old)
      if (isLess || applier === undefined) onSplit?.(split)
      if (applier === undefined) return
      revision = Math.max(revision + 1, after.revision)
      hasFailed = false
      awaited = { weight: shownWeight(split), epoch: split.epoch, revision }
      if (!(await applier.apply(awaited))) return
      awaited = undefined
      if (isLess) return
      onSplit?.(split)
      if (hasFailed) onLate()
    },
    follow,
    close() {
      follow(false)
      applier?.close()
    },
  }
}

const shownWeight = ({ active, weight }: Split): number => (active ? weight : 0)

const splitOf = ({ state: { weight, epoch, step, enabled } }: StoredRollout): Split => ({
  weight,
  epoch,
  step,
  active: enabled && weight > 0, // at 0 nothing is split: what the baseline serves then is no evidence
})

const isSame = (a: Split, b: Split): boolean =>
  a.weight === b.weight && a.epoch === b.epoch && a.step === b.step && a.active === b.active
