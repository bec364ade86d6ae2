import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Drift, Target, TargetSplit } from '../rollout/ports.js'
import type { Events } from '../runtime/events.js'
import type { ProcessAlerts } from './process-alerts.js'

/** Watches a target for changes of the weight from outside. */
export interface DriftWatch {
  /** The present change from outside; `null` if there is none. */
  readonly drift: Drift | null
  /** Starts or stops the watch. */
  follow(isWanted: boolean): void
}

/** The options of {@link createDriftWatch}. */
export interface DriftWatchOptions {
  readonly target: Target | undefined
  readonly events: Pick<Events, 'report' | 'drifted'>
  readonly alerts: ProcessAlerts
  /** Called with every report of the target, and the report before it. */
  readonly onDrift: (drift: Drift | null, before: Drift | null) => void
}

/** The longest message of a target that is kept, in UTF-16 units: it is untrusted text. */
const LONGEST_MESSAGE = 500

/** The key of the alert about a failed watch. */
const WATCH = 'watch'

/**
 * Creates a stopped watch. If the target cannot be watched, this is reported, and the weight is still written to it.
 */
export function createDriftWatch({ target, events, alerts, onDrift }: DriftWatchOptions): DriftWatch {
  let drift: Drift | null = null
  let cause: string | undefined // of the present alert
  let isFollowing = false
  let unfollow: (() => void) | undefined

  const listen = (found: Drift | null): void => {
    if (!isFollowing) return // a report after the end
    const before = drift
    drift = found && { ...found, message: String(found.message).slice(0, LONGEST_MESSAGE) }
    if (drift !== null && drift.message !== before?.message) events.drifted(drift)
    say(drift)
    onDrift(drift, before)
  }

  /** Raises one alert for each cause, even if the numbers in its message change. */
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
      isFollowing = isWanted // before the watch starts, which may report something immediately
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

/**
 * Returns whether a split need not wait until a change from outside is undone: there is none, or the weight in force is
 * the one to be sent, or the one that this rollout knows. The next rollout finds the weight that it begins with, and not
 * the one that the last rollout applied; the target decides whether to write over it.
 */
export function isExpected(drift: Drift | null, { weight, lastKnown }: TargetSplit): boolean {
  return drift === null || drift.weight === weight || drift.weight === (lastKnown ?? 0)
}
