import { CanaryError } from '../foundation/errors.js'
import type { Assignment, Outcome, Variant } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Router } from '../routing/router.js'
import type { Clock } from '../runtime/clock.js'
import { createAsk } from '../runtime/guarded.js'
import { type AnswerLinesKeeper, createAnswerLinesKeeper } from './answer-lines-keeper.js'
import { createFallbackBudget } from './fallback.js'
import type { Flight, FlightRequest } from './flight.js'
import { type FlightObserver, tellAll } from './flight-observer.js'
import { createFlights } from './flights.js'
import { createLoopWatch } from './loop-watch.js'
import { createServe, type Serve } from './serve.js'

/** What serving is made of. */
export interface ServingParts<Version extends string> {
  readonly clock: Clock
  readonly router: Router<Version>
  readonly recorder: Recorder
  readonly guardrails: readonly Guardrail[]
  readonly baselineVersion: string
  /** The longest that a flight may give no output, in milliseconds. */
  readonly maxFlightMs: number
  readonly observers: readonly FlightObserver[]
  readonly report: (error: CanaryError) => void
  /** Told at every call what is wrong with an option. */
  readonly alert: (option: string, message: string) => void
  /** Told what the models' errors said. */
  readonly noteError: (variant: Variant, error: unknown) => void
  /** Told of every finished flight; `isTrial` is false where another call of its request was told of. */
  readonly onEnd: (assignment: Assignment, outcome: Outcome, isTrial: boolean) => void
  /** Called every quarter of a second while calls are under way. */
  readonly onSweep: (at: number) => void
}

/** Opens flights, serves them, and sees to it that each of them ends. */
export interface Serving<Version extends string> {
  readonly answers: Pick<AnswerLinesKeeper, 'known' | 'freeze'>
  readonly begin: (request?: FlightRequest<Version>) => Flight<Version>
  readonly serve: Serve
  close(): void
}

/** The shell around models that are called. */
export function assembleServing<Version extends string>(parts: ServingParts<Version>): Serving<Version> {
  const { clock, router, recorder, guardrails, baselineVersion, maxFlightMs, observers, report, onEnd } = parts
  const loop = createLoopWatch(clock)
  const answers = createAnswerLinesKeeper({ clock, recorder, guardrails, onAwake: loop.pulse, onSweep })
  let sweptAt = Number.NEGATIVE_INFINITY
  let isClosed = false

  function onSweep(at: number): void {
    loop.pulse(at)
    const since = sweptAt - maxFlightMs // as the last sweep found it: the event loop has turned since
    recorder.visit(since, (flight) => flight.endIfSilentSince?.(since, maxFlightMs))
    sweptAt = at
    parts.onSweep(at)
  }

  const open = createFlights<Version>({
    router,
    recorder: {
      begin(entry) {
        if (isClosed) return
        recorder.begin(entry)
        answers.awake()
      },
      answered: recorder.answered,
      end: recorder.end,
    },
    clock,
    onEnd,
    observer: tellAll(observers, createAsk(report, 'OBSERVER_FAILED', 'nothing was recorded')),
  })

  return {
    answers,
    serve: createServe({
      clock,
      loop,
      budget: createFallbackBudget(),
      baselineVersion,
      report,
      alert: parts.alert,
      noteError: parts.noteError,
    }),
    begin(request) {
      try {
        return open(request)
      } catch (cause) {
        report(
          new CanaryError('KEY_FAILED', 'the request cannot be read; it is routed as one without a key', { cause }),
        )
        return open()
      }
    },
    close() {
      isClosed = true
      answers.close()
      recorder.visit(Number.POSITIVE_INFINITY, (flight) => flight.end?.({ outcome: 'ignored' })) // nobody will know
    },
  }
}
