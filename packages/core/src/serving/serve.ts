import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import type { Outcome } from '../vocabulary.js'
import type { FallbackBudget } from './fallback.js'
import type { Flight } from './flight.js'
import type { Models, ServingOptions, Settled } from './models.js'
import { observeStream } from './stream.js'

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

/** Makes the function under `wrap` and `run`. A synchronous model stays synchronous, a stream a stream. */
export function createServe(parts: ServeParts): Serve {
  return (flight, models, options, input) => {
    const call = createCall(parts, flight as Flight, models as AnyModels, options as AnyOptions, input)
    return call() as never
  }
}

type AnyModels = Models<unknown[], unknown, unknown>
type AnyOptions = ServingOptions<unknown[], unknown>

function createCall(
  { clock, budget, baselineVersion, report }: ServeParts,
  flight: Flight,
  models: AnyModels,
  options: AnyOptions,
  input: unknown[],
) {
  const { variant } = flight

  /** What somebody's function says, or `undefined` where it throws: watching must never break serving. */
  const ask = <Said>(question: () => Said): Said | undefined => {
    try {
      return question()
    } catch (cause) {
      report(
        new CanaryError(
          'OBSERVER_FAILED',
          'a function that describes an output threw; the answer went out all the same',
          { cause },
        ),
      )
      return undefined
    }
  }

  const outcomeOf = (settled: Settled<unknown>, otherwise: Outcome): Outcome => {
    const { classify } = options
    return (classify && ask(() => classify(settled))) ?? otherwise
  }

  /** The baseline's answer in the canary's place, if it may; nothing of it is booked. */
  const rescued = (outcome: Outcome, otherwise: () => unknown): unknown => {
    const mayFallBack = options.fallback === true && variant === 'canary' && outcome !== 'aborted'
    if (!mayFallBack || !budget.take(clock.elapsed())) return otherwise()
    flight.answerFrom(baselineVersion)
    return models.baseline(...input)
  }

  const failed = (error: unknown): unknown => {
    const outcome = outcomeOf({ error }, 'error')
    const isAborted = flight.isAborted
    flight.end({ outcome })
    return rescued(isAborted ? 'aborted' : outcome, () => {
      throw error
    })
  }

  const isValid = (output: unknown): boolean => {
    try {
      return options.validate?.(output, ...input) ?? true
    } catch {
      return false
    }
  }

  const arrived = (output: unknown): unknown => {
    const stream = observeStream(output, streamObserver(flight, clock))
    if (stream !== undefined) return stream
    const outcome = isValid(output) ? outcomeOf({ output }, 'success') : 'error'
    if (outcome !== 'success') {
      flight.end({ outcome })
      return rescued(outcome, () => output)
    }
    const { predictionOf, scoreOf, metricsOf } = options
    flight.end({
      outcome,
      prediction: predictionOf && ask(() => predictionOf(output, ...input)),
      score: scoreOf && ask(() => scoreOf(output, ...input)),
      metrics: metricsOf && ask(() => metricsOf(output, ...input)),
    })
    return output
  }

  /** Settles with the model, or when its time is up, whichever is first. */
  const inTime = (output: PromiseLike<unknown>, timeoutMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const settle = (take: () => unknown) => {
        try {
          resolve(take())
        } catch (error) {
          reject(error)
        }
      }
      const expire = () => {
        const error = new CanaryError('MODEL_TIMEOUT', `${flight.version} took longer than ${timeoutMs} ms`)
        flight.expire(error)
        isOver = true
        settle(() =>
          rescued('timeout', () => {
            throw error
          }),
        )
      }
      let isOver = false
      const cancel = clock.schedule(timeoutMs, expire, { keepAlive: true })
      const once = (take: (value: unknown) => unknown) => (value: unknown) => {
        if (isOver) return
        cancel()
        settle(() => take(value))
      }
      output.then(once(arrived), once(failed))
    })

  return (): unknown => {
    if (variant === 'baseline') budget.spend(clock.elapsed())
    let output: unknown
    try {
      output = models[variant](...input)
    } catch (error) {
      return failed(error)
    }
    if (!isThenable(output)) return arrived(output)
    return options.timeoutMs === undefined ? output.then(arrived, failed) : inTime(output, options.timeoutMs)
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

function streamObserver(flight: Flight, clock: Clock) {
  const startedAt = clock.elapsed()
  let metrics: { timeToFirstChunkMs: number } | undefined
  return {
    firstChunk() {
      metrics ??= { timeToFirstChunkMs: clock.elapsed() - startedAt }
    },
    ended: () => flight.end({ metrics }),
    failed: () => flight.end({ outcome: flight.isAborted ? 'aborted' : 'error', metrics }),
    abandoned: () => flight.abort(),
  }
}
