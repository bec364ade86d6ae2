import type { Clock } from '../clock.js'
import type { FlightEntry, Recorder } from '../metrics/recorder.js'
import type { Router } from '../routing/router.js'
import type { RoutingRequest } from '../routing/strategy.js'
import type { Assignment, MetricValue, Outcome, Prediction, Variant } from '../vocabulary.js'

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
export interface FlightRequest<Version extends string = string> extends RoutingRequest {
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
}

/** A flight as it is kept: plain fields, and its signal once somebody asked for it. */
type LiveFlight<Version extends string> = {
  -readonly [Name in Exclude<keyof Flight, 'signal'>]: Flight<Version>[Name]
} & { readonly signal: AbortSignal; abortion: AbortController | undefined; abortReason: unknown }

/**
 * The one getter that all flights share, as their prototype. Getters that every flight has for
 * itself cost more than routing, recording and ending it together.
 */
const LAZY_SIGNAL = {
  get signal(): AbortSignal {
    const flight = this as unknown as LiveFlight<string>
    flight.abortion ??= new AbortController()
    if (flight.isAborted && !flight.abortion.signal.aborted) flight.abortion.abort(flight.abortReason)
    return flight.abortion.signal
  },
}

/** Makes the function that opens flights. */
export function createFlights<Version extends string>({ router, recorder, clock, onEnd }: FlightParts<Version>) {
  return function begin(request?: FlightRequest<Version>): Flight<Version> {
    const like = request?.like
    const assignment = like !== undefined && router.split.active ? like : router.assign(request)
    const startedAt = clock.elapsed()
    const entry: FlightEntry = {
      variant: assignment.variant,
      startedAt,
      origin: assignment,
      previous: null,
      next: null,
    }

    const end = (result?: FlightResult): void => {
      if (!flight.isOpen) return
      flight.isOpen = false
      const outcome = result?.outcome ?? 'success'
      const at = clock.elapsed()
      recorder.end(entry, {
        variant: assignment.variant,
        at,
        durationMs: at - startedAt,
        outcome,
        prediction: result?.prediction,
        score: result?.score,
        metrics: result?.metrics,
      })
      onEnd(assignment, outcome)
    }

    const stop = (outcome: Outcome, reason: unknown): void => {
      if (!flight.isOpen) return
      flight.isAborted = true
      flight.abortReason = reason
      end({ outcome })
      flight.abortion?.abort(reason)
    }

    const flight: LiveFlight<Version> = Object.create(LAZY_SIGNAL)
    flight.assignment = assignment
    flight.variant = assignment.variant
    flight.version = assignment.version
    flight.answeredBy = assignment.version
    flight.isOpen = true
    flight.isAborted = false
    flight.abortion = undefined
    flight.abortReason = undefined
    flight.end = end
    flight.abort = (reason) => stop('aborted', reason)
    flight.expire = (reason) => stop('timeout', reason)
    flight.answerFrom = (version) => {
      flight.answeredBy = version
      request?.onFallback?.(version)
    }
    recorder.begin(entry)
    return flight
  }
}
