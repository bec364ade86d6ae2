import type { Clock } from '../clock.js'
import type { FlightEntry, Recorder } from '../metrics/recorder-contract.js'
import type { Router } from '../routing/router.js'
import type { RoutingRequest } from '../routing/strategy.js'
import type { Assignment, MetricValue, Observation, Outcome, Prediction, Variant } from '../vocabulary.js'
import type { FlightObserver } from './flight-observer.js'

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
  /** Closes the flight; what comes after the first call is ignored. Never throws. */
  end(result?: FlightResult): void
  /** Closes the flight because nobody waits for it any more, and aborts its signal. */
  abort(reason?: unknown): void
  /** Closes the flight because its time is up, and aborts its signal. */
  expire(reason: unknown): void
  /** Says that the baseline answered in the canary's place. */
  answerFrom(version: Version): void
}

/** What a flight is opened for. */
export interface FlightRequest<Version extends string = string> extends RoutingRequest {
  /** Keeps the variant of an earlier flight of the same request, unless the canary has been switched off since. */
  readonly like?: Assignment<Version> | undefined
  /** The connection on which the request came in: calls of one connection that end unanswered together count as one. */
  readonly socket?: object | undefined
  /** Whether the caller has the first output, for flights that are observed from outside, such as by their response. */
  isAnswered?(): boolean | undefined
  /** Told when the baseline answers in the canary's place, before it does. */
  onFallback?(answeredBy: Version): void
}

/** What flights are made with. */
export interface FlightParts<Version extends string> {
  readonly router: Router<Version>
  readonly recorder: Pick<Recorder, 'begin' | 'answered' | 'end'>
  readonly clock: Clock
  /** Told of every finished flight. */
  readonly onEnd: (assignment: Assignment, outcome: Outcome) => void
  /** Told of every flight as it begins and as it ends. */
  readonly observer: Required<FlightObserver> | undefined
}

/**
 * A flight as it is kept: at once what a caller holds and what the recorder follows.
 *
 * A class, the only one besides the error: an object literal with a getter and closures of its own
 * for every flight cost more than routing, recording and ending it together.
 */
class LiveFlight<Version extends string> implements Flight<Version>, FlightEntry {
  readonly assignment: Assignment<Version>
  readonly variant: Variant
  readonly version: Version
  readonly startedAt: number
  answeredBy: Version
  isOpen = true
  isAborted = false
  answer: FlightEntry['answer'] = undefined
  parkedAt: number | undefined = undefined
  parkedMs = 0
  stalledBefore = 0
  previous: FlightEntry | null = null
  next: FlightEntry | null = null
  readonly #parts: FlightParts<Version>
  readonly #request: FlightRequest<Version> | undefined
  #blockedMs: number | undefined = undefined
  #abortion: AbortController | undefined = undefined
  #abortReason: unknown = undefined

  constructor(
    parts: FlightParts<Version>,
    assignment: Assignment<Version>,
    request: FlightRequest<Version> | undefined,
  ) {
    this.assignment = assignment
    this.variant = assignment.variant
    this.version = assignment.version
    this.answeredBy = assignment.version
    this.startedAt = parts.clock.elapsed()
    this.#parts = parts
    this.#request = request
  }

  get origin(): Assignment<Version> {
    return this.assignment
  }

  get key(): string | undefined {
    const key = this.#request?.key
    return typeof key === 'string' ? key : undefined
  }

  get socket(): object | undefined {
    return this.#request?.socket
  }

  isAnswered(): boolean | undefined {
    return this.#request?.isAnswered?.()
  }

  markAnswered(): void {
    if (this.answer !== 'given' && this.isOpen) this.#parts.recorder.answered(this, this.#parts.clock.elapsed())
  }

  blockedFor(ms: number): void {
    this.#blockedMs = ms
  }

  park(isParked: boolean): void {
    if (isParked === (this.parkedAt !== undefined)) return
    const at = this.#parts.clock.elapsed()
    if (this.parkedAt !== undefined) this.parkedMs += Math.round(at - this.parkedAt)
    this.parkedAt = isParked ? at : undefined
  }

  get signal(): AbortSignal {
    this.#abortion ??= new AbortController()
    if (this.isAborted && !this.#abortion.signal.aborted) this.#abortion.abort(this.#abortReason)
    return this.#abortion.signal
  }

  end(result?: FlightResult): void {
    if (!this.isOpen) return
    this.isOpen = false
    const { clock, recorder, onEnd, observer } = this.#parts
    const outcome = result?.outcome ?? 'success'
    const at = clock.elapsed()
    const parkedMs = this.parkedMs + (this.parkedAt === undefined ? 0 : at - this.parkedAt)
    const observation: Observation = {
      variant: this.variant,
      at,
      durationMs: Math.max(0, at - this.startedAt - parkedMs),
      outcome,
      prediction: result?.prediction,
      score: result?.score,
      metrics: result?.metrics,
      blockedMs: result?.blockedMs ?? this.#blockedMs,
    }
    recorder.end(this, observation)
    onEnd(this.assignment, outcome)
    observer?.ended(this.assignment, observation)
  }

  abort(reason?: unknown): void {
    this.#stop('aborted', reason)
  }

  expire(reason: unknown): void {
    this.#stop('timeout', reason)
  }

  answerFrom(version: Version): void {
    this.answeredBy = version
    this.#request?.onFallback?.(version)
  }

  #stop(outcome: Outcome, reason: unknown): void {
    if (!this.isOpen) return
    this.isAborted = true
    this.#abortReason = reason
    this.end({ outcome })
    this.#abortion?.abort(reason)
  }
}

/** Makes the function that opens flights. */
export function createFlights<Version extends string>(parts: FlightParts<Version>) {
  const { router, recorder, observer } = parts
  return function begin(request?: FlightRequest<Version>): Flight<Version> {
    const like = request?.like
    const assignment = like !== undefined && router.split.active ? like : router.assign(request)
    const flight = new LiveFlight(parts, assignment, request)
    recorder.begin(flight)
    observer?.began(assignment, request ?? {})
    return flight
  }
}
