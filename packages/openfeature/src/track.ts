import { CanaryError } from '@model-canary/core'
import type { EvaluationContext, TrackingEventDetails } from '@openfeature/server-sdk'
import { contextIdIn } from './evaluate.js'
import type { Flag } from './flags.js'

/**
 * Records a tracking event's number as a metric of the event's name, for every flag that the user was assigned.
 *
 * It counts for the version, epoch and step of the user's last assignment, not for the present ones, which may differ
 * after a change of the weight. Events of users who are not remembered are dropped.
 */
export function book(
  flags: Iterable<Flag>,
  trackedEvents: ReadonlySet<string> | undefined,
  name: string,
  { targetingKey }: EvaluationContext,
  details: TrackingEventDetails,
): void {
  if (trackedEvents !== undefined && !trackedEvents.has(name)) return
  for (const { canary, rollout, recent } of flags) {
    const contextId = contextIdIn(rollout, targetingKey)
    const served = contextId === undefined ? undefined : recent.find(contextId)
    if (served === undefined) continue
    if (typeof details.value === 'number') canary.track(served, { [name]: details.value })
    else if (trackedEvents !== undefined) canary.report(withoutNumber(name))
  }
}

/** Returns the error for an event without a number: its mean would be the same on both arms, and guardrails blind. */
function withoutNumber(name: string): CanaryError {
  return new CanaryError(
    'INVALID_METRIC',
    `track "${name.slice(0, 64)}" with a number as its value, and with 0 if it did not happen`,
  )
}
