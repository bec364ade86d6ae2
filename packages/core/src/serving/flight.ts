import type { Assignment, MetricValue, Outcome, Prediction, Variant } from '../foundation/vocabulary.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Router } from '../routing/router.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { Clock } from '../runtime/clock.js'
import type { FlightObservers } from './flight-observer.js'

/** The result of a flight. */
export interface FlightResult {
  /** @default 'success' */
  readonly outcome?: Outcome
  /** The class that was predicted. */
  readonly prediction?: Prediction | undefined
  /** A numeric output, such as a confidence. */
  readonly score?: number | undefined
  /** Business metrics by name. */
  readonly metrics?: Readonly<Record<string, MetricValue | undefined>> | undefined
  /** How long the call blocked the event loop from its start to its first await, in milliseconds. */
  readonly blockedMs?: number | undefined
  /**
   * False if the caller got no output, such as a stream that ended without a chunk: a success then counts as unanswered.
   * True unless given.
   */
  readonly hasOutput?: boolean | undefined
}

/** One pending model call: opened by `begin`, closed once by `end`. */
export interface Flight<Version extends string = string> {
  /** How the call was routed. */
  readonly assignment: Assignment<Version>
  /** The variant that serves the call. */
  readonly variant: Variant
  /** The version that serves the call. */
  readonly version: Version
  /** When the call began, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** The version whose answer the caller gets: the baseline's after a fallback. */
  readonly answeredBy: Version
  /** Aborted when the flight is aborted or times out. */
  readonly signal: AbortSignal
  /** False once the flight has ended. */
  readonly isOpen: boolean
  /** True once the flight was aborted or ran out of time. */
  readonly isAborted: boolean
  /**
   * Records that the caller has the first output, such as a stream's first chunk. Without this call, a flight counts as
   * answered when it ends with `success` or `error`. Never throws.
   */
  markAnswered(): void
  /** Records how long the call blocked the event loop from its start to its first await, in milliseconds. */
  blockedFor(ms: number): void
  /** Records whether output is being requested. While it is not, the flight's time stands still. */
  park(isParked: boolean): void
  /** Records output, such as a chunk of a stream. A flight with recent output is not ended because of its age. */
  gaveOutput(): void
  /**
   * Records that the caller has an answer. If the rest of the output is never read, the call counts as a success. With
   * a result, it is up to the response of the output: the flight ends with that result when the response is over.
   */
  mayStayUnread(result?: FlightResult): void
  /** Closes the flight if its output is not being read, because it can no longer be read. */
  drop(): void
  /**
   * Records that the response of the output is over. The flight ends if there is output that is not being read. Without
   * any output it goes on, and is not answered: a time limit of the service may have sent the response. A stream that has
   * begun, and whose reader then waits for 5 s, ends as a timeout.
   */
  release(): void
  /** Closes the flight; further calls have no effect. Never throws. */
  end(result?: FlightResult): void
  /** Closes the flight because its caller has left, and aborts its signal. @default outcome 'aborted' */
  abort(reason?: unknown, outcome?: Outcome): void
  /** Closes the flight because its time is up, and aborts its signal. */
  expire(reason: unknown): void
  /** Records that the baseline answered in place of the canary. */
  answerFrom(version: Version): void
}

/** The request for which a flight is opened. */
export interface FlightRequest<Version extends string = string> extends RoutingInput {
  /** An earlier assignment of the same request, whose variant is kept unless the rollout was disabled or has ended. */
  readonly like?: Assignment<Version> | undefined
  /** The connection on which the request came in: calls of one connection that end unanswered together count as one. */
  readonly socket?: object | undefined
  /** Returns whether the caller has the first output, for flights that are observed through their response. */
  isAnswered?(): boolean | undefined
  /** Returns whether the tripwire counts the flight: calls of one request often fail together. @default true */
  isTrial?(outcome: Outcome): boolean
  /** Called when the flight ends. */
  onEnd?(flight: Flight<Version>): void
  /** Called before the baseline answers in place of the canary. */
  onFallback?(answeredBy: Version): void
}

/** The parts that flights need. */
export interface FlightParts<Version extends string> {
  readonly router: Router<Version>
  readonly recorder: Pick<Recorder, 'begin' | 'answered' | 'end'>
  readonly clock: Clock
  /** Called with every finished flight. `isTrial` is false if another call of the same request was already counted. */
  readonly onEnd: (assignment: Assignment, outcome: Outcome, isTrial: boolean) => void
  /** Called when a flight begins and when it ends. */
  readonly observer: FlightObservers | undefined
}
