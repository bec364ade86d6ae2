import type { Outcome } from '../foundation/vocabulary.js'
import { type AnswerLines, answerLinesOf } from '../guardrails/answer-lines.js'
import type { AnswerEvent } from './aggregate.js'
import { createDepartures, type Departures } from './departures.js'
import type { PendingEntry } from './pending.js'
import type { Stalls } from './stalls.js'

/** A call as the watch follows it, with who made it. */
export interface AwaitedCall extends PendingEntry {
  readonly key?: string | undefined
  /** The hash of the key, where the call itself is not to keep a text of any length for as long as it lasts. */
  readonly keyHash?: number | undefined
  /** The connection on which the call came in. */
  readonly socket?: object | undefined
  /** Whether the caller has the first output, where the call itself is not told of it. */
  isAnswered?(): boolean | undefined
}

/** Decides of each call, once, whether its caller got an answer. Time is always an argument, in milliseconds. */
export interface AnswerWatch<Call extends AwaitedCall> {
  lines: AnswerLines
  /** The age of a call at `at`, without the time for which the process stood still or nobody asked for output. */
  ageMs(call: Call, at: number): number
  /** What it means that the caller has the first output. */
  answered(call: Call): AnswerEvent
  /** What it means that a call ended; its time stays where it is: as an argument of its own it might be put on the heap. */
  ended(call: Call, outcome: Outcome, end: { readonly at: number }): AnswerEvent
  /** What it means that a call without a flight ended; when it began and ended is all that is known. */
  reported(outcome: Outcome, call: { readonly startedAt: number; readonly at: number }): AnswerEvent
  /** Whether an open call is overdue now; it is marked, and is so only once. */
  isOverdue(call: Call): boolean
  /**
   * Ends a sweep. A call is overdue only if it was past the line when the sweep before ended, so that the event loop
   * has turned since.
   */
  sweep(at: number): void
}

/** Makes a watch. `onFailure` is told of what a call's own functions threw. */
export function createAnswerWatch<Call extends AwaitedCall>(
  stalls: Stalls,
  onFailure?: (cause: unknown) => void,
): AnswerWatch<Call> {
  let departures: Departures | undefined // most versions never need it
  let sweptAt = Number.NEGATIVE_INFINITY
  let stalledAtSweep = 0

  const agedMs = (call: Call, at: number, stalledMs: number): number => {
    const parkedMs = (call.parkedMs ?? 0) + (call.parkedAt === undefined ? 0 : Math.max(0, at - call.parkedAt))
    return Math.max(0, at - call.startedAt - (stalledMs - (call.stalledBefore ?? 0)) - parkedMs)
  }
  const ageMs = (call: Call, at: number): number =>
    agedMs(call, at, stalls.totalMs + stalls.underWayMs(at, call.startedAt))

  /** Whether the caller has the first output; `undefined` where nobody can tell. */
  const isAnswered = (call: Call): boolean | undefined => {
    try {
      return call.isAnswered?.()
    } catch (cause) {
      onFailure?.(cause)
      return undefined
    }
  }

  /** Whether somebody of the same key or connection has just left in the same way. */
  const isRepeated = (call: Call, at: number): boolean => {
    try {
      departures ??= createDepartures()
      return departures.isRepeated(call.keyHash ?? call.key, call.socket, at)
    } catch {
      return false // whose call it is cannot be read; whoever counts by key tells of it
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
      const isSettled = outcome === 'success' || (outcome === 'error' && isAnswered(call) !== false)
      if (answer === 'overdue') return isSettled || isSetAside(outcome) ? 'none' : 'ended-overdue'
      if (isSetAside(outcome)) return 'none'
      if (isSettled || isAnswered(call) === true) return 'answered'
      if (call.parkedAt !== undefined) return 'none' // nobody was waiting
      if (outcome === 'aborted' && isTooEarly(watch.lines, ageMs(call, end.at))) return 'left-early'
      return isRepeated(call, end.at) ? 'none' : 'ended-unanswered'
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

/** Calls that are no evidence about the model. */
const isSetAside = (outcome: Outcome): boolean => outcome === 'rejected' || outcome === 'ignored'

/** While it is not known how long answers take, or how long a client waited, its departure says nothing. */
const isTooEarly = ({ patienceMs }: AnswerLines, ageMs: number): boolean =>
  patienceMs === null || !(ageMs >= patienceMs)
