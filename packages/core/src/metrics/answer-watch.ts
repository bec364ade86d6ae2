import { type AnswerLines, answerLinesOf } from '../analysis/answer-lines.js'
import type { Outcome } from '../vocabulary.js'
import type { AnswerEvent } from './aggregate.js'
import type { PendingEntry } from './pending.js'
import type { Stalls } from './stalls.js'

/** A call as the watch follows it, with who made it. */
export interface AwaitedCall extends PendingEntry {
  readonly key?: string | undefined
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
  /** What it means that a call ended. */
  ended(call: Call, end: { readonly outcome: Outcome; readonly at: number }): AnswerEvent
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

/** Calls of one key or one connection that end unanswered within so many milliseconds are one. */
const SAME_DEPARTURE_MS = 1_000

/** How many departures are remembered. */
const DEPARTURES = 64

/** Makes a watch. */
export function createAnswerWatch<Call extends AwaitedCall>(stalls: Stalls): AnswerWatch<Call> {
  const departures: { readonly key: string | undefined; readonly socket: object | undefined; readonly at: number }[] =
    []
  let sweptAt = Number.NEGATIVE_INFINITY
  let stalledAtSweep = 0

  const agedMs = (call: Call, at: number, stalledMs: number): number => {
    const parkedMs = (call.parkedMs ?? 0) + (call.parkedAt === undefined ? 0 : Math.max(0, at - call.parkedAt))
    return Math.max(0, at - call.startedAt - (stalledMs - (call.stalledBefore ?? 0)) - parkedMs)
  }
  const ageMs = (call: Call, at: number): number =>
    agedMs(call, at, stalls.totalMs + stalls.underWayMs(at, call.startedAt))

  /** Whether somebody of the same key or connection has just left in the same way. */
  const isRepeated = ({ key, socket }: Call, at: number): boolean => {
    const isSame = departures.some(
      (last) =>
        at - last.at < SAME_DEPARTURE_MS &&
        ((key !== undefined && last.key === key) || (socket !== undefined && last.socket === socket)),
    )
    if (isSame) return true
    if (departures.length === DEPARTURES) departures.shift()
    departures.push({ key, socket, at })
    return false
  }

  const watch: AnswerWatch<Call> = {
    lines: answerLinesOf([], []),
    ageMs,
    answered(call) {
      if (call.answer !== undefined) return 'none'
      call.answer = 'given'
      return 'answered'
    },
    ended(call, end) {
      const { answer } = call
      if (answer === 'given') return 'none'
      const { outcome } = end
      const isSettled = outcome === 'success' || (outcome === 'error' && call.isAnswered?.() !== false)
      if (answer === 'overdue') return isSettled || isSetAside(outcome) ? 'none' : 'ended-overdue'
      if (isSetAside(outcome)) return 'none'
      if (isSettled || call.isAnswered?.() === true) return 'answered'
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
      if (call.answer !== undefined || call.parkedAt !== undefined || call.isAnswered?.() === true) return false
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

/** While it is not known how long answers take, a departure says nothing. */
const isTooEarly = ({ patienceMs }: AnswerLines, ageMs: number): boolean => patienceMs === null || ageMs < patienceMs
