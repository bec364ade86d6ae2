import type { Clock } from '../clock.js'
import type { FlightEntry, Recorder } from '../metrics/recorder.js'
import { keyTextOf } from '../routing/key.js'
import type { Router } from '../routing/router.js'
import type { RoutingInput } from '../routing/strategy.js'
import type { Assignment, MetricValue, Observation, Outcome, Prediction, Variant } from '../vocabulary.js'
import type { FlightObservers } from './flight-observer.js'

/** What came of a flight. */
export interface FlightResult {
  /** @default 'success' */
  readonly outcome?: Outcome
  readonly prediction?: Prediction | undefined
  readonly score?: number | undefined
  readonly metrics?: Readonly<Record<string, MetricValue>> | undefined
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
export interface FlightRequest<Version extends string = string> extends RoutingInput {
  /** Keeps the variant of an earlier flight of the same request, unless the canary has been switched off since. */
  readonly like?: Assignment<Version> | undefined
  /** Told when the baseline answers in the canary's place, before it does. */
  onFallback?(answeredBy: Version): void
}

/** What flights are made with. */
export interface FlightParts<Version extends string> {
  readonly router: Router<Version>
  readonly recorder: Pick<Recorder, 'begin' | 'end'>
  readonly clock: Clock
  /** Told of every finished flight. */
  readonly onEnd: (assignment: Assignment, outcome: Outcome) => void
  /** Told of every flight as it begins and as it ends. */
  readonly observer: FlightObservers | undefined
}

/**
 * A flight as it is kept: at once what a caller holds and what the recorder follows.
 *
 * A class, as the error and `LiveRequest` are: an object literal with a getter and closures of its own
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
  previous: FlightEntry | null = null
  next: FlightEntry | null = null
  readonly #parts: FlightParts<Version>
  readonly #request: FlightRequest<Version> | undefined
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
    return keyTextOf(this.#request?.key)
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
    const observation: Observation = {
      variant: this.variant,
      at,
      durationMs: at - this.startedAt,
      outcome,
      prediction: result?.prediction,
      score: result?.score,
      metrics: result?.metrics,
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
