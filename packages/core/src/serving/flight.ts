import type { Assignment, MetricValue, Outcome, Prediction, Variant } from '../foundation/vocabulary.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Router } from '../routing/router.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { Clock } from '../runtime/clock.js'
import type { FlightObservers } from './flight-observer.js'

/** What came of a flight. */
export interface FlightResult {
  /** @default 'success' */
  readonly outcome?: Outcome
  readonly prediction?: Prediction | undefined
  readonly score?: number | undefined
  readonly metrics?: Readonly<Record<string, MetricValue>> | undefined
  /** How long the call blocked the event loop from its start to its first await, in milliseconds. */
  readonly blockedMs?: number | undefined
}

/** One model call under way: opened by `begin`, closed once by `end`. */
export interface Flight<Version extends string = string> {
  readonly assignment: Assignment<Version>
  readonly variant: Variant
  readonly version: Version
  /** When the call began, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** The version whose answer the caller gets: the baseline's after a fallback. */
  readonly answeredBy: Version
  /** Aborted when the flight is, or when its time is up. */
  readonly signal: AbortSignal
  readonly isOpen: boolean
  readonly isAborted: boolean
  /**
   * Says that the caller has the first output, such as a stream's first chunk. Without it a flight counts as answered
   * when it ends with `success` or `error`. Never throws.
   */
  markAnswered(): void
  /** Says for how long the call blocked the event loop from its start to its first await, in milliseconds. */
  blockedFor(ms: number): void
  /** Says whether anybody asks for output now: while nobody does, no time passes for the flight. */
  park(isParked: boolean): void
  /** Says that there was output just now, such as a stream's chunk: a flight that gives some is not ended for its age. */
  gaveOutput(): void
  /** Says that the caller has an answer already: if nobody begins to read the rest of it, the call was a success. */
  mayStayUnread(): void
  /** Closes the flight if nobody reads its output, because nobody can any more. */
  drop(): void
  /** Says that the response to which the output belonged is over: if nobody reads it then, its flight ends. */
  release(): void
  /** Closes the flight; what comes after the first call is ignored. Never throws. */
  end(result?: FlightResult): void
  /** Closes the flight because nobody waits for it any more, and aborts its signal. @default outcome 'aborted' */
  abort(reason?: unknown, outcome?: Outcome): void
  /** Closes the flight because its time is up, and aborts its signal. */
  expire(reason: unknown): void
  /** Says that the baseline answered in the canary's place. */
  answerFrom(version: Version): void
}

/** What a flight is opened for. */
export interface FlightRequest<Version extends string = string> extends RoutingInput {
  /** Keeps the variant of an earlier flight of the same request, unless the rollout was switched off or has ended since. */
  readonly like?: Assignment<Version> | undefined
  /** The connection on which the request came in: calls of one connection that end unanswered together count as one. */
  readonly socket?: object | undefined
  /** Whether the caller has the first output, for flights that are observed from outside, such as by their response. */
  isAnswered?(): boolean | undefined
  /** Whether the flight counts for the tripwire: calls of one request tend to fail together. It does unless this says no. */
  isTrial?(outcome: Outcome): boolean
  /** Told when the flight ends. */
  onEnd?(flight: Flight<Version>): void
  /** Told when the baseline answers in the canary's place, before it does. */
  onFallback?(answeredBy: Version): void
}

/** What flights are made with. */
export interface FlightParts<Version extends string> {
  readonly router: Router<Version>
  readonly recorder: Pick<Recorder, 'begin' | 'answered' | 'end'>
  readonly clock: Clock
  /** Told of every finished flight; `isTrial` is false where another call of its request was told of. */
  readonly onEnd: (assignment: Assignment, outcome: Outcome, isTrial: boolean) => void
  /** Told of every flight as it begins and as it ends. */
  readonly observer: FlightObservers | undefined
}
