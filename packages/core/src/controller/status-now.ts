import type { CanaryErrorCode } from '../foundation/errors.js'
import { noModelErrors } from '../foundation/vocabulary.js'
import { elapse } from '../rollout/state.js'
import { heldByOf, type Status, statusOf } from '../rollout/status.js'
import type { ControllerParts } from './controller-parts.js'
import type { Dispatcher } from './dispatcher.js'
import type { SplitOutput } from './split-output.js'

/** What a status is read from. */
export interface StatusSources {
  readonly parts: ControllerParts
  readonly dispatcher: Dispatcher
  readonly output: SplitOutput
  readonly storeDownBy: CanaryErrorCode | null
  /** What the metrics source says of its counts. */
  readonly notes: readonly string[]
}

/** Returns where the rollout stands at this moment. */
export function statusNow({ parts, dispatcher, output, storeDownBy, notes }: StatusSources): Status {
  const { rollout, events, modelErrors = () => noModelErrors } = parts
  const { current } = dispatcher
  const { drift, inForce } = output
  const sinceMs = elapse(current.state, dispatcher.passedMs()).elapsedMs - current.state.elapsedMs
  return statusOf(
    current,
    rollout.course,
    {
      judge: rollout.judge.name,
      leftOut: rollout.leftOut,
      errors: modelErrors(),
      internalErrors: events.counts(),
      notes,
      inForce,
      heldBy: heldByOf(output.refusal, drift, storeDownBy),
      drift,
      loop: parts.loopMeter?.read() ?? null,
      traffic: parts.traffic?.(),
    },
    sinceMs,
  )
}
