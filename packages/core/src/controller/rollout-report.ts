import { noModelErrors } from '../foundation/vocabulary.js'
import { explainStatus } from '../rollout/explain-status.js'
import { elapse } from '../rollout/state.js'
import { heldByOf, type Status, statusOf } from '../rollout/status.js'
import type { ControllerParts } from './controller-parts.js'
import type { Dispatcher } from './dispatcher.js'
import type { SourceNotes } from './source-notes.js'
import type { SplitOutput } from './split-output.js'
import type { StoreWatch } from './store-watch.js'

/** Where a rollout stands, for a script and for a person. */
export interface RolloutReport {
  status(): Status
  /** Says a status in sentences, by default the present one. */
  explain(status?: Status): string
}

/** What a report is read from. */
export interface RolloutReportOptions {
  readonly parts: ControllerParts
  readonly dispatcher: Dispatcher
  readonly output: SplitOutput
  readonly storeWatch: StoreWatch
  /** What the metrics source says of its counts. */
  readonly notes: SourceNotes
}

/** Makes a report that reads everything when it is asked. */
export function createRolloutReport(options: RolloutReportOptions): RolloutReport {
  const { parts, dispatcher, output, storeWatch, notes } = options
  const { rollout, events, modelErrors = () => noModelErrors } = parts

  const status = (): Status => {
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
        notes: notes.messages(),
        inForce,
        heldBy: heldByOf(output.refusal, drift, storeWatch.downBy),
        drift,
        loop: parts.loopMeter?.read() ?? null,
        traffic: parts.traffic?.(),
      },
      sinceMs,
    )
  }
  return { status, explain: (told = status()) => explainStatus(told, dispatcher.window.openedAt) }
}
