import type { Outcome } from '../foundation/vocabulary.js'
import { type AnswerLines, answerLinesOf } from '../guardrails/answer-lines.js'
import type { AnswerEvent } from './aggregate.js'
import { createDepartures, type Departures } from './departures.js'
import type { PendingEntry } from './pending.js'
import type { Stalls } from './stalls.js'

/** A call that the watch follows, and its caller. */
export interface AwaitedCall extends PendingEntry {
  /** Who is routed, where that is known. */
  readonly key?: string | undefined
  /** The hash of the key, if the call must not keep a long text in memory while it is pending. */
  readonly keyHash?: number | undefined
  /** The connection on which the call came in. */
  readonly socket?: object | undefined
  /** Whether the call ended without any output, such as a stream without a chunk. */
  readonly isEmpty?: boolean
  /** Returns whether the caller has the first output, if the call itself is not notified of it. */
  isAnswered?(): boolean | undefined
}

/** Decides once for each call whether its caller got an answer. Time is always an argument, in milliseconds. */
export interface AnswerWatch<Call extends AwaitedCall> {
  lines: AnswerLines
  /** Returns the age of a call at `at`, without stalls of the process and times in which no output was requested. */
  ageMs(call: Call, at: number): number
  /** Returns the event when the caller gets the first output. */
  answered(call: Call): AnswerEvent
  /** Returns the event when a call ends. The time stays in `end`: a number argument might be allocated on the heap. */
  ended(call: Call, outcome: Outcome, end: { readonly at: number }): AnswerEvent
  /** Returns the event for a finished call without a flight, of which only start and end are known. */
  reported(outcome: Outcome, call: { readonly startedAt: number; readonly at: number }): AnswerEvent
  /** Returns whether an open call has become overdue, and marks it: true only once per call. */
  isOverdue(call: Call): boolean
  /**
   * Ends a sweep. A call is overdue only if it was past the limit at the end of the previous sweep, so that the event
   * loop has turned since.
   */
  sweep(at: number): void
}

/** Creates a watch. `onFailure` is called with errors of a call's own functions. */
export function createAnswerWatch<Call extends AwaitedCall>(
  stalls: Stalls,
  onFailure?: (cause: unknown) => void,
): AnswerWatch<Call> {
  let departures: Departures | undefined // most versions never need it
  let sweptAt = Number.NEGATIVE_INFINITY
  let stalledAtSweep = 0

  const ageMs = (call: Call, at: number): number =>
    agedMs(call, at, stalls.totalMs + stalls.underWayMs(at, call.startedAt))

  const isAnswered = (call: Call): boolean | undefined => answeredBy(call, onFailure)

  /** Returns whether a caller with the same key or connection has just left in the same way. */
  const isRepeated = (call: Call, at: number): boolean => {
    try {
      departures ??= createDepartures()
      return departures.isRepeated(call.keyHash ?? call.key, call.socket, at)
    } catch {
      return false // the caller cannot be read; this is reported where calls are counted by key
    }
  }

  const watch: AnswerWatch<Call> = {
    lines: answerLinesOf([], []),
    ageMs,
    answered(call) {
      const { answer } = call
      call.answer = 'given'
      return answer === undefined ? 'answered' : 'none'
    },
    ended(call, outcome, end) {
      const { answer } = call
      if (answer === 'given') return 'none'
      const isSettled = outcome === 'success' ? !call.isEmpty : outcome === 'error' && isAnswered(call) !== false
      if (answer === 'overdue') return isSettled || isSetAside(outcome) ? 'none' : 'ended-overdue'
      if (isSetAside(outcome)) return 'none'
      if (isSettled || isAnswered(call) === true) return 'answered'
      if (call.parkedAt !== undefined && !call.isEmpty) return 'none' // the caller was not waiting
      if (outcome === 'aborted' && isTooEarly(watch.lines, ageMs(call, end.at))) return 'left-early'
      return outcome === 'aborted' && isRepeated(call, end.at) ? 'none' : 'ended-unanswered'
    },
    reported(outcome, { startedAt, at }) {
      if (isSetAside(outcome)) return 'none'
      if (outcome === 'success' || outcome === 'error') return 'answered'
      return outcome === 'aborted' && isTooEarly(watch.lines, at - startedAt) ? 'left-early' : 'ended-unanswered'
    },
    isOverdue(call) {
      if (call.answer !== undefined || call.parkedAt !== undefined || isAnswered(call) === true) return false
      if (agedMs(call, sweptAt, stalledAtSweep) < watch.lines.overdueMs) return false
      call.answer = 'overdue'
      return true
    },
    sweep(at) {
      sweptAt = at
      stalledAtSweep = stalls.totalMs
    },
  }
  return watch
}

/** Returns the age of a call at `at`; `stalledMs` is the total stall time of the process by then. */
function agedMs(call: AwaitedCall, at: number, stalledMs: number): number {
  const parkedMs = (call.parkedMs ?? 0) + (call.parkedAt === undefined ? 0 : Math.max(0, at - call.parkedAt))
  return Math.max(0, at - call.startedAt - (stalledMs - (call.stalledBefore ?? 0)) - parkedMs)
}

/** Returns whether the caller of a call has the first output; `undefined` if this is unknown. */
function answeredBy(call: AwaitedCall, onFailure: ((cause: unknown) => void) | undefined): boolean | undefined {
  try {
    return call.isAnswered?.()
  } catch (cause) {
    onFailure?.(cause)
    return undefined
  }
}

/** Returns whether a call does not count as evidence about the model. */
const isSetAside = (outcome: Outcome): boolean => outcome === 'rejected' || outcome === 'ignored'

/** Returns whether a client left too early to count. True if its age or the patience is unknown. */
const isTooEarly = ({ patienceMs }: AnswerLines, ageMs: number): boolean =>
  patienceMs === null || !(ageMs >= patienceMs)
