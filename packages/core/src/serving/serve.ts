import type { CanaryError } from '../foundation/errors.js'
import type { Outcome, Variant } from '../foundation/vocabulary.js'
import type { Clock } from '../runtime/clock.js'
import { createAsk } from '../runtime/guarded.js'
import { adopt, isThenable } from '../runtime/thenable.js'
import { createDescribe } from './describe-call.js'
import type { FallbackBudget } from './fallback.js'
import { fallbackInput } from './fallback-input.js'
import type { Flight } from './flight.js'
import { inTime } from './in-time.js'
import type { LoopWatch } from './loop-watch.js'
import type { Models, Served, ServingOptions } from './models.js'
import { holderOf } from './ready-models.js'
import { createRescue } from './rescue.js'
import { type ServedCall, tooLate } from './served-call.js'
import { outcomeOfStatus } from './status-outcome.js'
import { releaseOutput } from './streams/output.js'
import { failedStatusOf } from './streams/response.js'
import { createWatchOutput } from './watch-output.js'

/** What serving needs besides the flight. */
export interface ServeParts {
  readonly clock: Clock
  readonly loop: LoopWatch
  readonly budget: FallbackBudget
  readonly baselineVersion: string
  readonly report: (error: CanaryError) => void
  /** Told what somebody should look at. */
  readonly alert: (option: string, message: string) => void
  /** Told what the models' errors said. */
  readonly noteError: (variant: Variant, error: unknown) => void
}

/**
 * Runs the flight's model and ends the flight with what came of it. `startedAt` is the time now, where that is known;
 * `self` is what the models get as `this`, by default the object that holds them.
 */
export type Serve = <Input extends unknown[], Baseline, Canary>(
  flight: Flight,
  models: Models<Input, Baseline, Canary>,
  options: ServingOptions<Input, Awaited<Baseline> | Awaited<Canary>>,
  input: Input,
  startedAt?: number,
  self?: unknown,
) => Served<Baseline> | Served<Canary>

/**
 * Makes the function under `wrap` and `run`. A synchronous model stays synchronous, a stream a stream.
 * A promise of the caller's own kind comes back as an ordinary one.
 */
export function createServe({ clock, loop, budget, baselineVersion, report, alert, noteError }: ServeParts): Serve {
  const ask = createAsk(report, 'OBSERVER_FAILED', 'the answer went out all the same')

  const describe = createDescribe(ask, report, noteError, alert)
  const { outcomeOf } = describe
  const watchOutput = createWatchOutput({ clock, ask, describe, report })

  const { rescued, guarded } = createRescue({ clock, loop, budget, baselineVersion, ask, describe, report, noteError })

  const failed = (call: ServedCall, error: unknown): unknown => {
    const isLeft = call.flight.isAborted
    const outcome = describe.outcomeOfFailure(call, error)
    call.flight.end({ outcome })
    return rescued(call, outcome, isLeft, () => raise(error))
  }

  const expired = (call: ServedCall): unknown => {
    const isLeft = call.flight.isAborted
    const error = tooLate(call)
    noteError(call.flight.variant, error)
    call.flight.expire(error)
    return rescued(call, 'timeout', isLeft, () => raise(error))
  }

  const refused = (call: ServedCall, outcome: Outcome, output: unknown): unknown => {
    const isLeft = call.flight.isAborted
    call.flight.end({ outcome })
    const answer = rescued(call, outcome, isLeft, () => output)
    if (answer !== output) releaseOutput(output)
    return answer
  }

  const arrived = (call: ServedCall, output: unknown, otherwise: Outcome = 'success'): unknown => {
    const status = failedStatusOf(output)
    if (status !== undefined) {
      const outcome = outcomeOf(call, { output }, outcomeOfStatus(status)!)
      if (outcome === 'error' || outcome === 'timeout') noteError(call.flight.variant, `HTTP status ${status}`)
      if (outcome !== 'success') return refused(call, outcome, output)
    }
    const watched = watchOutput(call, output)
    if (watched !== undefined) return guarded(call, watched)
    const outcome = describe.isValid(call, output) ? outcomeOf(call, { output }, otherwise) : 'error'
    if (outcome === 'success') call.flight.end(describe.resultOf(call, output))
    else if (outcome !== otherwise) return refused(call, outcome, output)
    else call.flight.end({ outcome })
    return output
  }

  /** A model that gave its answer at once has kept nobody waiting by a promise: late or not, the caller gets it. */
  const arrivedAtOnce = (call: ServedCall, output: unknown): unknown => {
    const { timeoutMs = Number.POSITIVE_INFINITY } = call.options
    return arrived(call, output, call.blockedMs > timeoutMs ? 'timeout' : 'success')
  }

  const noteBlocked = (call: ServedCall): void => {
    call.blockedMs = clock.elapsed() - call.startedAt
    call.flight.blockedFor(call.blockedMs)
    loop.blocked(call.blockedMs)
  }

  const serve = (
    flight: Flight,
    models: ServedCall['models'],
    options: ServedCall['options'],
    input: unknown[],
    startedAt = clock.elapsed(),
    self: unknown = holderOf(models),
  ): unknown => {
    const { fallback } = options
    const spare = fallback && flight.variant === 'canary' ? fallbackInput(fallback, input) : undefined
    const call: ServedCall = { flight, models, options, input, startedAt, blockedMs: 0, spare, self }
    if (flight.variant === 'baseline') budget.spend(startedAt)
    let output: unknown
    try {
      output = models[flight.variant].apply(self, (spare?.given ?? input) as unknown[])
    } catch (error) {
      noteBlocked(call)
      return failed(call, error)
    }
    noteBlocked(call)
    if (!isThenable(output)) return arrivedAtOnce(call, output)
    const promise = adopt(output)
    const onArrival = (value: unknown) => arrived(call, value)
    const onFailure = (error: unknown) => failed(call, error)
    if (options.timeoutMs === undefined) return promise.then(onArrival, onFailure)
    return inTime(
      promise,
      { clock, loop, startedAt, blockedMs: call.blockedMs, limitMs: options.timeoutMs },
      {
        arrived: onArrival,
        failed: onFailure,
        expired: () => expired(call),
        late: releaseOutput,
      },
    )
  }

  return serve as unknown as Serve
}

const raise = (error: unknown): never => {
  throw error
}
