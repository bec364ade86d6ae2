import { type Defaults, refuseUnknown, wholeNumber } from '../foundation/options.js'
import { noModelErrors } from '../foundation/vocabulary.js'
import type { Decision } from '../rollout/decision.js'
import { explainStatus, type StatusContext } from '../rollout/explain-status.js'
import type { FleetMembers } from '../rollout/fleet-members.js'
import { courseFor } from '../rollout/followed-course.js'
import { type HistoryPage, pageOf } from '../rollout/history.js'
import { elapse } from '../rollout/state.js'
import { heldByOf, type Status, type StepCounts, statusOf } from '../rollout/status.js'
import { describeUnserved } from '../rollout/unserved.js'
import type { ControllerParts } from './controller-parts.js'
import type { Dispatcher } from './dispatcher.js'
import type { SourceNotes } from './source-notes.js'
import type { SplitOutput } from './split-output.js'
import { type StoreWatch, storeError } from './store-watch.js'

/** Which decisions `history()` returns. */
export interface HistoryOptions {
  /** Only decisions with a lower `sequence`: that of the last decision of the page before. @default all */
  readonly before?: number | undefined
  /** At most this many decisions, from 1 to 1,000. @default 50 */
  readonly limit?: number
}

/** What an option is if it is not given. */
const HISTORY_DEFAULTS = { limit: 50 } as const satisfies Defaults<HistoryOptions>

/** The most decisions of one page. */
const LONGEST_PAGE = 1_000

/** Shows where a rollout stands and how it came there. */
export interface RolloutReport {
  /** Returns the present status. */
  status(): Status
  /** Returns the decisions that are kept, newest first. */
  history(options?: HistoryOptions): Promise<readonly Decision[]>
  /** Returns a status as sentences, by default the present one. */
  explain(status?: Status): string
}

/** What a report is read from. */
export interface RolloutReportOptions {
  readonly parts: ControllerParts
  readonly dispatcher: Dispatcher
  readonly output: SplitOutput
  readonly storeWatch: StoreWatch
  /** What the metrics source says about its counts. */
  readonly notes: SourceNotes
  /** Returns the requests of the present step, as of now. */
  readonly counts: () => StepCounts
  /** By which this process is known. */
  readonly instance: string
  /** Returns the processes that share the rollout; `null` if that is not known. */
  readonly members: () => FleetMembers | null
  readonly isClosed: () => boolean
}

/** Makes a report that reads everything at the time of the call. */
export function createRolloutReport(options: RolloutReportOptions): RolloutReport {
  const { parts, dispatcher, output, storeWatch, notes, counts } = options
  const { rollout, events, modelErrors = () => noModelErrors } = parts

  const status = (): Status => {
    const { current } = dispatcher
    const { drift, inForce } = output
    const sinceMs = elapse(current.state, dispatcher.passedMs()).elapsedMs - current.state.elapsedMs
    return statusOf(
      current,
      courseFor(current, rollout.course),
      {
        instance: options.instance,
        members: options.members(),
        judge: rollout.judge.name,
        leftOut: rollout.leftOut,
        errors: modelErrors(),
        internalErrors: events.counts(),
        notes: notes.messages(),
        inForce,
        heldBy: heldByOf(output.refusal, drift, storeWatch.downBy),
        drift,
        loop: parts.loopMeter?.read() ?? null,
        counts: counts(),
        withoutKey: parts.withoutKey?.() ?? 0,
      },
      sinceMs,
    )
  }
  const contextOfStatus = (): StatusContext => {
    const { current, window } = dispatcher
    return {
      openedAt: window.openedAt,
      unserved: describeUnserved(current.cumulative, current, parts.withoutKey !== undefined),
      pauseEndsAt: current.state.pause?.untilMs ?? null,
    }
  }

  return {
    status,
    explain: (told = status()) => explainStatus(told, contextOfStatus()),
    async history(asked = {}) {
      const page = resolvePage(asked)
      return pageOf(await decisionsOf(options), page)
    },
  }
}

/** Returns the page that is asked for. Throws `INVALID_OPTION` or `UNKNOWN_OPTION`. */
function resolvePage(asked: HistoryOptions): HistoryPage {
  refuseUnknown('history', asked, { before: 1, limit: 1 })
  const { before, limit = HISTORY_DEFAULTS.limit } = asked
  return {
    before: before === undefined ? Number.POSITIVE_INFINITY : wholeNumber('history: before', before, 1),
    limit: wholeNumber('history: limit', limit, 1, LONGEST_PAGE),
  }
}

/** Returns the decisions that this process knows, oldest first. If it knows none yet, it reads the store. */
async function decisionsOf({ dispatcher, isClosed }: RolloutReportOptions): Promise<readonly Decision[]> {
  const { history, revision } = dispatcher.current
  if (history.length > 0 || revision > 0 || isClosed()) return history
  try {
    return (await dispatcher.stored())?.history ?? history
  } catch (cause) {
    throw storeError(cause)
  }
}
