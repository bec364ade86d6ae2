import type { CanaryError } from '../foundation/errors.js'
import type { Outcome } from '../foundation/vocabulary.js'
import { adopt, isThenable } from '../routing/thenable.js'
import type { Clock } from '../runtime/clock.js'
import type { Ask } from '../runtime/guarded.js'
import type { Describe, Described } from './describe-call.js'
import type { Flight } from './flight.js'
import { watchFor } from './streams/output.js'
import { type StreamEnding, streamObserver } from './streams/stream-observer.js'
import { createUnseenReport } from './unseen-report.js'

/** A call whose model has returned an output. */
export interface GivenCall extends Described {
  readonly flight: Flight
  /** The outcome that was counted when the call's stream failed. */
  failedAs?: Outcome
}

/** The parts that watching outputs needs. */
export interface WatchOutputParts {
  readonly clock: Clock
  readonly ask: Ask
  readonly describe: Describe
  readonly report: (error: CanaryError) => void
}

/** Ends the flight of an output that was garbage-collected. */
const unreachable = /* @__PURE__ */ createUnreachable()

/**
 * Returns a function that watches outputs that are not complete when returned, such as streams. It ends the flight
 * with the output and returns the output for the caller; `undefined` if the output is already complete.
 */
export function createWatchOutput({ clock, ask, describe, report }: WatchOutputParts) {
  const tellUnseen = createUnseenReport(report)

  const endingOf =
    (call: GivenCall, output: unknown): StreamEnding =>
    (end) => {
      if (end === 'unseen') {
        tellUnseen(call, 'the end of its output cannot be observed')
        return { outcome: 'ignored' }
      }
      if (end === 'ended') return { outcome: describe.outcomeOf(call, { output }, 'success') }
      if (end === 'abandoned') return { outcome: describe.outcomeOf(call, { output, isLeft: true }, 'aborted') }
      call.failedAs = describe.outcomeOfFailure(call, end.error)
      return { outcome: call.failedAs }
    }

  /** Waits for `completionOf`, which says when the output is complete. */
  const awaitCompletion = (call: GivenCall, output: unknown): void => {
    const { flight, options } = call
    const said = attempt(() => options.completionOf?.(output))
    if (!isThenable(said)) {
      tellUnseen(call, 'completionOf threw or did not return a promise')
      flight.end({ outcome: 'ignored' })
      return
    }
    flight.markAnswered()
    adopt(said).then(
      () => {
        if (!flight.isOpen) return
        const outcome = describe.outcomeOf(call, { output }, 'success')
        flight.end(outcome === 'success' ? describe.resultOf(call, output) : { outcome })
      },
      (error: unknown) => {
        if (flight.isOpen) flight.end({ outcome: describe.outcomeOfFailure(call, error) })
      },
    )
  }

  return (call: GivenCall, output: unknown): unknown => {
    if (call.options.completionOf !== undefined) {
      awaitCompletion(call, output)
      return output
    }
    if (typeof output !== 'object' || output === null) return undefined
    const watch = ask(() => watchFor(output))
    if (watch === undefined) return undefined
    const { flight } = call
    const watched = ask(() => watch(streamObserver(flight, clock, endingOf(call, output))))
    if (watched !== undefined && flight.isOpen) unreachable?.register(watched, new WeakRef(flight))
    return watched
  }
}

/** Holds flights weakly: a flight refers to its response and so to its piped output, which must stay collectable. */
function createUnreachable(): FinalizationRegistry<WeakRef<Flight>> | undefined {
  if (typeof FinalizationRegistry === 'undefined' || typeof WeakRef === 'undefined') return undefined
  return new FinalizationRegistry((flight) => flight.deref()?.drop())
}

function attempt<Said>(question: () => Said): Said | undefined {
  try {
    return question()
  } catch {
    return undefined
  }
}
