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
    let abortion: AbortController | undefined
    let answeredBy = assignment.version
    let isOpen = true
    let isAborted = false
    let abortReason: unknown

    const end = (result?: FlightResult): void => {
      if (!isOpen) return
      isOpen = false
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
      if (!isOpen) return
      isAborted = true
      abortReason = reason
      end({ outcome })
      abortion?.abort(reason)
    }

    recorder.begin(entry)
    return {
      assignment,
      variant: assignment.variant,
      version: assignment.version,
      get answeredBy() {
        return answeredBy
      },
      get signal() {
        abortion ??= new AbortController()
        if (isAborted && !abortion.signal.aborted) abortion.abort(abortReason)
        return abortion.signal
      },
      get isOpen() {
        return isOpen
      },
      get isAborted() {
        return isAborted
      },
      end,
      abort: (reason) => stop('aborted', reason),
      expire: (reason) => stop('timeout', reason),
      answerFrom(version) {
        answeredBy = version
        request?.onFallback?.(version)
      },
    }
  }
}
