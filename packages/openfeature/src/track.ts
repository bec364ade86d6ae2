import { CanaryError } from '@model-canary/core'
import type { EvaluationContext, TrackingEventDetails } from '@openfeature/server-sdk'
import { contextIdIn } from './evaluate.js'
import type { Flag } from './flags.js'

/**
 * Books a tracking event's number, as a metric of the event's name, on every flag that the user was told of.
 *
 * It counts for the version, epoch and step that the user was last assigned, never for those of now: after a
 * change of the weight these may be others. Who is not remembered is not booked.
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

/** An event that only ever happens has the same mean on both arms, so that a guardrail on it would see nothing. */
function withoutNumber(name: string): CanaryError {
  return new CanaryError(
    'INVALID_METRIC',
    `track "${name.slice(0, 64)}" with a number as its value, 0 for "it did not happen"`,
  )
}
