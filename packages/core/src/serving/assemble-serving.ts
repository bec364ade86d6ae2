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
import { createSilenceLimit } from './silence-limit.js'

/** The parts that serving needs. */
export interface ServingParts<Version extends string> {
  readonly clock: Clock
  readonly router: Router<Version>
  readonly recorder: Recorder
  readonly guardrails: readonly Guardrail[]
  readonly baselineVersion: string
  /** The longest time without output before a flight is ended, in milliseconds. */
  readonly maxFlightMs: number
  readonly observers: readonly FlightObserver[]
  readonly report: (error: CanaryError) => void
  /** Called at every call with a wrong option, with the name of the option and a message. */
  readonly alert: (option: string, message: string) => void
  /** Called with the errors of the models. */
  readonly noteError: (variant: Variant, error: unknown) => void
  /** Called with every finished flight. `isTrial` is false if another call of the same request was already counted. */
  readonly onEnd: (assignment: Assignment, outcome: Outcome, isTrial: boolean) => void
  /** Called every quarter of a second while calls are pending. */
  readonly onSweep: (at: number) => void
}

/** Opens flights, serves them, and ensures that each flight ends. */
export interface Serving<Version extends string> {
  readonly answers: Pick<AnswerLinesKeeper, 'known' | 'freeze'>
  readonly begin: (request?: FlightRequest<Version>) => Flight<Version>
  readonly serve: Serve
  close(): void
}

/** Connects the parts of serving. */
export function assembleServing<Version extends string>(parts: ServingParts<Version>): Serving<Version> {
  const { clock, router, recorder, guardrails, baselineVersion, maxFlightMs, observers, report, onEnd } = parts
  const loop = createLoopWatch(clock)
  const answers = createAnswerLinesKeeper({ clock, recorder, guardrails, onAwake: loop.pulse, onSweep })
  const endSilent = createSilenceLimit(recorder, maxFlightMs)
  let isClosed = false

  function onSweep(at: number): void {
    loop.pulse(at)
    endSilent(at)
    parts.onSweep(at)
  }

  const { begin, answered, end } = recorder
  const open = createFlights<Version>({
    router,
    recorder: {
      begin(entry) {
        if (isClosed) return
        begin(entry)
        answers.awake()
      },
      ...{ answered, end },
    },
    clock,
    onEnd,
    observer: tellAll(observers, createAsk(report, 'OBSERVER_FAILED', 'it is an observer; the call counts')),
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
          new CanaryError('KEY_FAILED', 'the request could not be read, so it is routed as if it had no key', {
            cause,
          }),
        )
        return open()
      }
    },
    close() {
      isClosed = true
      answers.close()
      recorder.visit(Number.POSITIVE_INFINITY, (flight) => flight.end?.({ outcome: 'ignored' }))
    },
  }
}
