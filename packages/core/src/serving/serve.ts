import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import type { Outcome, Variant } from '../vocabulary.js'
import { createAsk } from './ask.js'
import { createDescribe } from './describe-call.js'
import type { FallbackBudget } from './fallback.js'
import { type FallbackInput, fallbackInput } from './fallback-input.js'
import type { Flight } from './flight.js'
import { inTime, type Limit } from './in-time.js'
import type { LoopWatch } from './loop-watch.js'
import type { ServedModels } from './model-context.js'
import type { Models, Served, ServingOptions } from './models.js'
import { isStream, releaseOutput } from './output.js'
import type { Rescue } from './rescued-pull.js'
import { rescuedStream } from './rescued-stream.js'
import { failedStatusOf } from './response.js'
import { outcomeOfStatus } from './status-outcome.js'
import type { Step } from './stream-source.js'
import { isThenable } from './thenable.js'
import { createWatchOutput } from './watch-output.js'

/** What serving needs besides the flight. */
export interface ServeParts {
  readonly clock: Clock
  readonly loop: LoopWatch
  readonly budget: FallbackBudget
  readonly baselineVersion: string
  readonly report: (error: CanaryError) => void
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

/** One call under way: what its ends need to know. */
interface Call {
  readonly flight: Flight
  readonly models: ServedModels
  readonly options: ServingOptions<unknown[], unknown>
  readonly input: unknown[]
  /** When the model was called, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** For how long it blocked the event loop then, in milliseconds. */
  blockedMs: number
  /** The input as the baseline would get it; only for a canary call with `fallback`. */
  readonly spare: FallbackInput | undefined
  readonly self: unknown
}

/**
 * Makes the function under `wrap` and `run`. A synchronous model stays synchronous, a stream a stream.
 * A promise of the caller's own kind comes back as an ordinary one.
 */
export function createServe({ clock, loop, budget, baselineVersion, report, noteError }: ServeParts): Serve {
  const ask = createAsk(report, 'OBSERVER_FAILED', 'the answer went out all the same')

  const describe = createDescribe(ask, report, noteError)
  const { outcomeOf } = describe
  const watchOutput = createWatchOutput({ clock, ask, describe, report })

  /** The baseline's answer in the canary's place, if it may; nothing of it is booked, and its error is the caller's. */
  const rescued = (call: Call, outcome: Outcome, isLeft: boolean, otherwise: () => unknown): unknown => {
    const { flight, models, options, input, spare } = call
    const isBroken = outcome === 'error' || outcome === 'timeout'
    if (spare === undefined || !isBroken || isLeft) return otherwise()
    const obstacle = spare.obstacle()
    if (obstacle !== undefined) report(new CanaryError('FALLBACK_IMPOSSIBLE', obstacle.detail, obstacle))
    if (obstacle !== undefined || !budget.take(clock.elapsed())) return otherwise()
    flight.answerFrom(baselineVersion)
    const startedAt = clock.elapsed()
    const output = models.baseline.apply(call.self, input)
    if (options.timeoutMs === undefined || !isThenable(output)) return output
    const blockedMs = clock.elapsed() - startedAt
    const expired = () => {
      const error = tooLate(call)
      models.stopped?.(error)
      return raise(error)
    }
    return inTime(Promise.resolve(output), limitOf(options.timeoutMs, { startedAt, blockedMs }), {
      arrived: same,
      failed: raise,
      expired,
      late: releaseOutput,
    })
  }

  const limitOf = (limitMs: number, { startedAt, blockedMs }: Pick<Call, 'startedAt' | 'blockedMs'>): Limit => ({
    clock,
    loop,
    startedAt,
    blockedMs,
    limitMs,
  })

  const failed = (call: Call, error: unknown): unknown => {
    const isLeft = call.flight.isAborted
    const outcome = describe.outcomeOfFailure(call, error)
    call.flight.end({ outcome })
    return rescued(call, outcome, isLeft, () => raise(error))
  }

  const expired = (call: Call): unknown => {
    const isLeft = call.flight.isAborted
    const error = tooLate(call)
    noteError(call.flight.variant, error)
    call.flight.expire(error)
    return rescued(call, 'timeout', isLeft, () => raise(error))
  }

  const refused = (call: Call, outcome: Outcome, output: unknown): unknown => {
    const isLeft = call.flight.isAborted
    call.flight.end({ outcome })
    const answer = rescued(call, outcome, isLeft, () => output)
    if (answer !== output) releaseOutput(output)
    return answer
  }

  /** What is done about the call's stream if it fails or stays silent before its first chunk. */
  const rescueOf = (call: Call): Rescue => {
    const { flight, models, options } = call
    const { firstChunkTimeoutMs: limitMs } = options
    let silence: { readonly isLeft: boolean } | undefined
    const tooSilent = () =>
      new CanaryError('MODEL_TIMEOUT', `the stream of ${flight.answeredBy} was silent for longer than ${limitMs} ms`)
    return {
      async limited(first, expired) {
        if (limitMs === undefined) return first
        const onExpiry = () => {
          expired()
          raise(tooSilent())
        }
        const ends = { arrived: same, failed: raise, expired: onExpiry, late: () => {} }
        return (await inTime(first, limitOf(limitMs, { startedAt: clock.elapsed(), blockedMs: 0 }), ends)) as Step
      },
      expired() {
        silence = { isLeft: flight.isAborted }
        flight.expire(tooSilent())
      },
      otherwise(error) {
        const { isLeft } = silence ?? { isLeft: flight.isAborted }
        return rescued(call, silence ? 'timeout' : 'error', isLeft, () => raise(error))
      },
      noStream: () => report(new CanaryError('FALLBACK_IMPOSSIBLE', 'the canary gives a stream, the baseline none')),
      left: (reason) => models.stopped?.(reason),
    }
  }

  /** The output that is watched, or in front of it one that the baseline can continue before the first chunk. */
  const guarded = (call: Call, watched: unknown): unknown => {
    const { options, spare } = call
    if ((spare === undefined && options.firstChunkTimeoutMs === undefined) || !isStream(watched)) return watched
    return ask(() => rescuedStream(watched as object, rescueOf(call))) ?? watched
  }

  const arrived = (call: Call, output: unknown, otherwise: Outcome = 'success'): unknown => {
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
    else if (otherwise === 'success') return refused(call, outcome, output)
    else call.flight.end({ outcome })
    return output
  }

  /** A model that gave its answer at once has kept nobody waiting by a promise: late or not, the caller gets it. */
  const arrivedAtOnce = (call: Call, output: unknown): unknown => {
    const { timeoutMs = Number.POSITIVE_INFINITY } = call.options
    return arrived(call, output, call.blockedMs > timeoutMs ? 'timeout' : 'success')
  }

  const noteBlocked = (call: Call): void => {
    call.blockedMs = clock.elapsed() - call.startedAt
    call.flight.blockedFor(call.blockedMs)
    loop.blocked(call.blockedMs)
  }

  const serve = (
    flight: Flight,
    models: Call['models'],
    options: Call['options'],
    input: unknown[],
    startedAt = clock.elapsed(),
    self: unknown = models,
  ): unknown => {
    const { fallback } = options
    const spare = fallback && flight.variant === 'canary' ? fallbackInput(fallback, input) : undefined
    const call: Call = { flight, models, options, input, startedAt, blockedMs: 0, spare, self }
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
    const promise = Promise.resolve(output) // calls a foreign `then` once, and bears with what it does
    const onArrival = (value: unknown) => arrived(call, value)
    const onFailure = (error: unknown) => failed(call, error)
    if (options.timeoutMs === undefined) return promise.then(onArrival, onFailure)
    return inTime(promise, limitOf(options.timeoutMs, call), {
      arrived: onArrival,
      failed: onFailure,
      expired: () => expired(call),
      late: releaseOutput,
    })
  }

  return serve as unknown as Serve
}

const tooLate = ({ flight, options }: Call): CanaryError =>
  Object.assign(
    new CanaryError('MODEL_TIMEOUT', `${flight.answeredBy} took longer than ${options.timeoutMs} ms`),
    GATEWAY_TIMEOUT,
  )

/** What frameworks answer with where the error reaches them. */
const GATEWAY_TIMEOUT = { status: 504, statusCode: 504 }

const same = (output: unknown): unknown => output

const raise = (error: unknown): never => {
  throw error
}
