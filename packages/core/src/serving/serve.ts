import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import { show } from '../options.js'
import { isOutcome, type Outcome } from '../vocabulary.js'
import { createAsk } from './ask.js'
import type { FallbackBudget } from './fallback.js'
import { type FallbackInput, fallbackInput } from './fallback-input.js'
import type { Flight } from './flight.js'
import { inTime } from './in-time.js'
import type { ServedModels } from './model-context.js'
import type { Models, ServingOptions, Settled } from './models.js'
import type { Rescue } from './rescued-pull.js'
import { rescuedStream } from './rescued-stream.js'
import { isStream, observeStream, releaseStream } from './stream.js'
import { streamObserver } from './stream-observer.js'
import type { Step } from './stream-source.js'
import { isThenable } from './thenable.js'

/** What serving needs besides the flight. */
export interface ServeParts {
  readonly clock: Clock
  readonly budget: FallbackBudget
  readonly baselineVersion: string
  readonly report: (error: CanaryError) => void
}

/** Runs the flight's model and ends the flight with what came of it. */
export type Serve = <Input extends unknown[], Baseline, Canary>(
  flight: Flight,
  models: Models<Input, Baseline, Canary>,
  options: ServingOptions<Input, Awaited<Baseline> | Awaited<Canary>>,
  input: Input,
) => Baseline | Canary

/** One call under way: what its ends need to know. */
interface Call {
  readonly flight: Flight
  readonly models: ServedModels
  readonly options: ServingOptions<unknown[], unknown>
  readonly input: unknown[]
  /** The input as the baseline would get it; only for a canary call with `fallback`. */
  readonly spare: FallbackInput | undefined
}

/**
 * Makes the function under `wrap` and `run`. A synchronous model stays synchronous, a stream a stream.
 * A promise of the caller's own kind comes back as an ordinary one.
 */
export function createServe({ clock, budget, baselineVersion, report }: ServeParts): Serve {
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
    const { flight, models, options, input, spare } = call
    const isBroken = outcome === 'error' || outcome === 'timeout'
    if (spare === undefined || !isBroken || isLeft) return otherwise()
    const obstacle = spare.obstacle()
    if (obstacle !== undefined) report(new CanaryError('FALLBACK_IMPOSSIBLE', obstacle.detail, obstacle))
    if (obstacle !== undefined || !budget.take(clock.elapsed())) return otherwise()
    flight.answerFrom(baselineVersion)
    const output = models.baseline(...input)
    if (options.timeoutMs === undefined || !isThenable(output)) return output
    const expired = () => {
      const error = tooLate(call)
      models.stopped?.(error)
      return raise(error)
    }
    return inTime(Promise.resolve(output), clock, options.timeoutMs, {
      arrived: same,
      failed: raise,
      expired,
      late: releaseStream,
    })
  }

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
  const watched = (call: Call, output: unknown): object | undefined => {
    const { flight, options, spare } = call
    if (typeof output !== 'object' || output === null) return undefined
    const stream = ask(() => (isStream(output) ? observeStream(output, streamObserver(flight, clock)) : undefined))
    if (stream === undefined || (spare === undefined && options.firstChunkTimeoutMs === undefined)) return stream
    return ask(() => rescuedStream(stream, rescueOf(call))) ?? stream
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
        return (await inTime(first, clock, limitMs, ends)) as Step
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

  const arrived = (call: Call, output: unknown): unknown => {
    const stream = watched(call, output)
    if (stream !== undefined) return stream
    const { flight, options, input } = call
    const isLeft = flight.isAborted
    const outcome = isValid(call, output) ? outcomeOf(call, { output }, 'success') : 'error'
    if (outcome !== 'success') {
      flight.end({ outcome })
      return rescued(call, outcome, isLeft, () => output)
    }
    const { predictionOf, scoreOf, metricsOf } = options
    flight.end({
      prediction: predictionOf && ask(() => predictionOf(output, ...input)),
      score: scoreOf && ask(() => scoreOf(output, ...input)),
      metrics: metricsOf && ask(() => metricsOf(output, ...input)),
    })
    return output
  }

  const serve = (flight: Flight, models: Call['models'], options: Call['options'], input: unknown[]): unknown => {
    const { fallback } = options
    const spare = fallback && flight.variant === 'canary' ? fallbackInput(fallback, input) : undefined
    const call: Call = { flight, models, options, input, spare }
    if (flight.variant === 'baseline') budget.spend(flight.startedAt)
    let output: unknown
    try {
      output = models[flight.variant](...(spare?.given ?? input))
    } catch (error) {
      return failed(call, error)
    }
    if (!isThenable(output)) return arrived(call, output)
    const promise = Promise.resolve(output) // calls a foreign `then` once, and bears with what it does
    const onArrival = (value: unknown) => arrived(call, value)
    const onFailure = (error: unknown) => failed(call, error)
    if (options.timeoutMs === undefined) return promise.then(onArrival, onFailure)
    return inTime(promise, clock, options.timeoutMs, {
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
