import type { Outcome } from '../foundation/vocabulary.js'
import { createAsk } from '../runtime/guarded.js'
import type { Undelivered } from './delivery.js'
import { createDescribe } from './describe-call.js'
import { raise } from './raise.js'
import { createRescue } from './rescue.js'
import type { ServeParts } from './serve-parts.js'
import { type ServedCall, tooLate } from './served-call.js'
import { outcomeOfStatus } from './status-outcome.js'
import { releaseOutput } from './streams/output.js'
import { failedStatusOf } from './streams/response.js'
import { createWatchOutput } from './watch-output.js'

/** What happens when the model of a call has returned, thrown, or run out of time. */
export interface Settling {
  /** Ends the flight of an output that arrived by a promise. Returns what the caller gets. */
  arrived(call: ServedCall, output: unknown): unknown
  /** The same for a synchronous output. The caller gets it even if it is late: there is no promise to reject. */
  arrivedAtOnce(call: ServedCall, output: unknown): unknown
  /** Ends the flight of a call that threw. Returns the baseline's answer, or throws the error. */
  failed(call: ServedCall, error: unknown): unknown
  /** Ends the flight of a call that is too late. Returns the baseline's answer, or throws `MODEL_TIMEOUT`. */
  expired(call: ServedCall): unknown
}

/** Creates the functions that end a call. */
export function createSettling(parts: ServeParts): Settling {
  const { report, alert, noteError } = parts
  const ask = createAsk(report, 'OBSERVER_FAILED', 'the caller got its answer')
  const describe = createDescribe(ask, report, noteError, alert)
  const watchOutput = createWatchOutput({ ...parts, ask, describe })
  const { rescued, guarded } = createRescue({ ...parts, ask, describe })

  const ended: Ended = (call, outcome, otherwise, isLeft = call.flight.isAborted) => {
    call.flight.end({ outcome })
    return rescued(call, outcome, isLeft, otherwise)
  }

  const refused = (call: ServedCall, outcome: Outcome, output: unknown): unknown => {
    const answer = ended(call, outcome, () => output)
    if (answer !== output) releaseOutput(output)
    return answer
  }

  const succeeded = (call: ServedCall, output: unknown): unknown => {
    const { flight, models } = call
    const result = describe.resultOf(call, output)
    if (models.deliver) return models.deliver(flight, output, result, undelivered(call, noteError, ended))
    flight.end(result)
    return output
  }

  const failed = (call: ServedCall, error: unknown): unknown =>
    ended(call, describe.outcomeOfFailure(call, error), () => raise(error))

  const arrived = (call: ServedCall, output: unknown, otherwise: Outcome = 'success'): unknown => {
    const refusal = refusalOf(call, output)
    if (refusal !== undefined) return failed(call, refusal)
    const status = failedStatusOf(output)
    if (status !== undefined) {
      const outcome = describe.outcomeOf(call, { output }, outcomeOfStatus(status)!)
      if (outcome === 'error' || outcome === 'timeout') noteError(call.flight.variant, `HTTP status ${status}`)
      if (outcome !== 'success') return refused(call, outcome, output)
    }
    const watched = watchOutput(call, output)
    if (watched !== undefined) return guarded(call, watched)
    const outcome = describe.isValid(call, output) ? describe.outcomeOf(call, { output }, otherwise) : 'error'
    if (outcome === 'success') return succeeded(call, output)
    if (outcome !== otherwise) return refused(call, outcome, output)
    call.flight.end({ outcome })
    return output
  }

  return {
    arrived,
    arrivedAtOnce: (call, output) => arrived(call, output, isLate(call) ? 'timeout' : 'success'),
    failed,
    expired(call) {
      const isLeft = call.flight.isAborted
      const error = tooLate(call)
      noteError(call.flight.variant, error)
      call.flight.expire(error)
      return rescued(call, 'timeout', isLeft, () => raise(error))
    },
  }
}

/** Ends the flight of a call that failed. Returns the baseline's answer, or else what `otherwise` returns. */
type Ended = (call: ServedCall, outcome: Outcome, otherwise: () => unknown, isLeft?: boolean) => unknown

/** Returns why an output must not be sent, and releases it; `undefined` if it may be. */
function refusalOf({ models }: ServedCall, output: unknown): Error | undefined {
  const refusal = models.refusal?.(output)
  if (refusal !== undefined) releaseOutput(output)
  return refusal
}

/** Returns what happens if an output cannot be sent. In `succeeded` it would allocate a scope at every call. */
const undelivered =
  (call: ServedCall, noteError: ServeParts['noteError'], ended: Ended): Undelivered =>
  (error, outcome, isBegun) => {
    if (outcome !== 'rejected') noteError(call.flight.variant, error)
    return ended(call, outcome, () => raise(error), isBegun)
  }

const isLate = ({ blockedMs, options: { timeoutMs = Number.POSITIVE_INFINITY } }: ServedCall) => blockedMs > timeoutMs
