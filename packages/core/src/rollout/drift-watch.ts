import { CanaryError } from '../errors.js'
import type { Events } from '../events.js'
import { messageOf } from '../message-of.js'
import type { Drift, Target } from './ports.js'

/** Follows what others make of the weight at a target. */
export interface DriftWatch {
  /** What somebody else made of it, while that lasts. */
  readonly drift: Drift | null
  /** Begins or ends the watch. */
  follow(isWanted: boolean): void
}

/** What a watch needs. */
export interface DriftWatchOptions {
  readonly target: Target | undefined
  readonly events: Events
  /** Called with everything that the target tells, and what it had told before. */
  readonly onDrift: (drift: Drift | null, before: Drift | null) => void
}

/** What is kept of a target's words, in UTF-16 units: they come from outside. */
const LONGEST_MESSAGE = 500

/** Makes a watch that has not begun. A target that cannot be watched is told of, and driven all the same. */
export function createDriftWatch({ target, events, onDrift }: DriftWatchOptions): DriftWatch {
  let drift: Drift | null = null
  let isFollowing = false
  let unfollow: (() => void) | undefined

  const listen = (found: Drift | null): void => {
    if (!isFollowing) return // told after the end
    const before = drift
    drift = found && { ...found, message: String(found.message).slice(0, LONGEST_MESSAGE) }
    if (drift !== null && drift.message !== before?.message) events.drifted(drift)
    onDrift(drift, before)
  }

  const onFailure = (cause: unknown): void => {
    events.report(new CanaryError('TARGET_FAILED', `its watch failed: ${messageOf(cause)}`, { cause }))
    events.alert('target', `the target is not watched for changes by others: ${messageOf(cause)}`)
  }

  return {
    get drift() {
      return drift
    },
    follow(isWanted) {
      if (isWanted === isFollowing) return
      isFollowing = isWanted // before the watch begins: it may tell something at once
      drift = null
      const end = unfollow
      unfollow = undefined
      try {
        if (isWanted) unfollow = target?.watch?.(listen)
        else end?.()
      } catch (cause) {
        onFailure(cause)
      }
    },
  }
}
