import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import { show } from '../options.js'
import { isOutcome, type Outcome } from '../vocabulary.js'
import { createAsk } from './ask.js'
import type { FallbackBudget } from './fallback.js'
import type { Flight } from './flight.js'
import { inTime, type Limit } from './in-time.js'
import type { LoopWatch } from './loop-watch.js'
import type { Models, ServingOptions, Settled } from './models.js'
import { isStream, observeStream, releaseStream } from './stream.js'
import { streamObserver } from './stream-observer.js'
import { isThenable } from './thenable.js'

/** What serving needs besides the flight. */
export interface ServeParts {
  readonly clock: Clock
  readonly loop: LoopWatch
  readonly budget: FallbackBudget
  readonly baselineVersion: string
  readonly report: (error: CanaryError) => void
}

/** Runs the flight's model and ends the flight with what came of it. `startedAt` is the time now, where that is known. */
export type Serve = <Input extends unknown[], Baseline, Canary>(
  flight: Flight,
  models: Models<Input, Baseline, Canary>,
  options: ServingOptions<Input, Awaited<Baseline> | Awaited<Canary>>,
  input: Input,
  startedAt?: number,
) => Baseline | Canary

/** One call under way: what its ends need to know. */
interface Call {
  readonly flight: Flight
  readonly models: Models<unknown[], unknown, unknown>
  readonly options: ServingOptions<unknown[], unknown>
  readonly input: unknown[]
  /** When the model was called, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** For how long it blocked the event loop then, in milliseconds. */
  blockedMs: number
}

/**
 * Makes the function under `wrap` and `run`. A synchronous model stays synchronous, a stream a stream.
 * A promise of the caller's own kind comes back as an ordinary one.
 */
export function createServe({ clock, loop, budget, baselineVersion, report }: ServeParts): Serve {
  const ask = createAsk(report, 'OBSERVER_FAILED', 'the answer went out all the same')

  const outcomeOf = ({ options: { classify } }: Call, settled: Settled<unknown>, otherwise: Outcome): Outcome => {
    if (classify === undefined) return otherwise
    const said = ask(() => classify(settled))
    if (said === undefined || isOutcome(said)) return said ?? otherwise
    report(new CanaryError('INVALID_OUTCOME', `classify said ${show(said)}; say an outcome, or undefined`))
    return otherwise
  }

  /** The baseline's answer in the canary's place, if it may; nothing of it is booked, and its error is the caller's. */
  const rescued = (call: Call, outcome: Outcome, isLeft: boolean, otherwise: () => unknown): unknown => {
    const { flight, models, options, input } = call
    const isBroken = outcome === 'error' || outcome === 'timeout'
    const mayFallBack = options.fallback === true && flight.variant === 'canary' && isBroken && !isLeft
    if (!mayFallBack || !budget.take(clock.elapsed())) return otherwise()
    flight.answerFrom(baselineVersion)
    const startedAt = clock.elapsed()
    const output = models.baseline(...input)
    if (options.timeoutMs === undefined || !isThenable(output)) return output
    const blockedMs = clock.elapsed() - startedAt
    const expired = () => raise(tooLate(call))
    return inTime(Promise.resolve(output), limitOf(options.timeoutMs, { startedAt, blockedMs }), {
      arrived: same,
      failed: raise,
      expired,
      late: releaseStream,
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
    const outcome = outcomeOf(call, { error }, 'error')
    call.flight.end({ outcome })
    return rescued(call, outcome, isLeft, () => raise(error))
  }

  const expired = (call: Call): unknown => {
    const isLeft = call.flight.isAborted
    const error = tooLate(call)
    call.flight.expire(error)
    return rescued(call, 'timeout', isLeft, () => raise(error))
  }

  const isValid = ({ options: { validate }, input }: Call, output: unknown): boolean => {
    if (validate === undefined) return true
    try {
      const said = validate(output, ...input)
      return isThenable(said) ? ask(() => said) === undefined : said !== false
    } catch {
      return false
    }
  }

  /** The output as a stream that is watched, or `undefined` where it is none. */
  const watched = ({ flight }: Call, output: unknown): object | undefined => {
    if (typeof output !== 'object' || output === null) return undefined
    return ask(() => (isStream(output) ? observeStream(output, streamObserver(flight, clock)) : undefined))
  }

  const arrived = (call: Call, output: unknown, otherwise: Outcome = 'success'): unknown => {
    const stream = watched(call, output)
    if (stream !== undefined) return stream
    const { flight, options, input } = call
    const isLeft = flight.isAborted
    const outcome = isValid(call, output) ? outcomeOf(call, { output }, otherwise) : 'error'
    if (outcome !== 'success') {
      flight.end({ outcome })
      return otherwise === 'success' ? rescued(call, outcome, isLeft, () => output) : output
    }
    const { predictionOf, scoreOf, metricsOf } = options
    flight.end({
      prediction: predictionOf && ask(() => predictionOf(output, ...input)),
      score: scoreOf && ask(() => scoreOf(output, ...input)),
      metrics: metricsOf && ask(() => metricsOf(output, ...input)),
    })
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
  ): unknown => {
    const call: Call = { flight, models, options, input, startedAt, blockedMs: 0 }
    if (flight.variant === 'baseline') budget.spend(startedAt)
    let output: unknown
    try {
      output = models[flight.variant](...input)
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
      late: releaseStream,
    })
  }

  return serve as unknown as Serve
}

const tooLate = ({ flight, options }: Call): CanaryError =>
  new CanaryError('MODEL_TIMEOUT', `${flight.answeredBy} took longer than ${options.timeoutMs} ms`)

const same = (output: unknown): unknown => output

const raise = (error: unknown): never => {
  throw error
}
