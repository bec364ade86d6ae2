import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Drift, Target } from '../rollout/ports.js'
import type { Events } from '../runtime/events.js'
import type { ProcessAlerts } from './process-alerts.js'

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
  readonly events: Pick<Events, 'report' | 'drifted'>
  readonly alerts: ProcessAlerts
  /** Called with everything that the target tells, and what it had told before. */
  readonly onDrift: (drift: Drift | null, before: Drift | null) => void
}

/** What is kept of a target's words, in UTF-16 units: they come from outside. */
const LONGEST_MESSAGE = 500

/** The alert about a watch that failed. */
const WATCH = 'watch'

/** Makes a watch that has not begun. A target that cannot be watched is told of, and driven all the same. */
export function createDriftWatch({ target, events, alerts, onDrift }: DriftWatchOptions): DriftWatch {
  let drift: Drift | null = null
  let cause: string | undefined // of the alert that stands
  let isFollowing = false
  let unfollow: (() => void) | undefined

  const listen = (found: Drift | null): void => {
    if (!isFollowing) return // told after the end
    const before = drift
    drift = found && { ...found, message: String(found.message).slice(0, LONGEST_MESSAGE) }
    if (drift !== null && drift.message !== before?.message) events.drifted(drift)
    say(drift)
    onDrift(drift, before)
  }

  /** One cause is one alert, whatever the weights in its words. */
  const say = (found: Drift | null): void => {
    const next = found === null ? undefined : `drift ${found.message.replace(/\d[\d.]*/g, '#')}`
    if (cause !== undefined && cause !== next) alerts.calm(cause)
    cause = next
    if (found !== null) alerts.raise('drift', found.message, next)
  }

  const onFailure = (cause: unknown, isWanted: boolean): void => {
    events.report(new CanaryError('TARGET_FAILED', `its watch failed: ${messageOf(cause)}`, { cause }))
    const tell = isWanted ? alerts.raise : alerts.note
    tell('target', `the target is not watched for changes by others: ${messageOf(cause)}`, WATCH)
  }

  return {
    get drift() {
      return drift
    },
    follow(isWanted) {
      if (isWanted === isFollowing) return
      isFollowing = isWanted // before the watch begins: it may tell something at once
      drift = null
      say(null)
      alerts.calm(WATCH)
      const end = unfollow
      unfollow = undefined
      try {
        if (isWanted) unfollow = target?.watch?.(listen)
        else end?.()
      } catch (cause) {
        onFailure(cause, isWanted)
      }
    },
  }
}
