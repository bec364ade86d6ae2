import type { Clock } from '../clock.js'
import { CanaryError } from '../errors.js'
import { show } from '../options.js'
import { isOutcome, type Outcome } from '../vocabulary.js'
import { createAsk } from './ask.js'
import type { FallbackBudget } from './fallback.js'
import type { Flight } from './flight.js'
import { inTime } from './in-time.js'
import type { Models, ServingOptions, Settled } from './models.js'
import { isStream, observeStream, releaseStream } from './stream.js'
import { streamObserver } from './stream-observer.js'
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

type AnyModels = Models<unknown[], unknown, unknown>
type AnyOptions = ServingOptions<unknown[], unknown>

/**
 * Makes the function under `wrap` and `run`. A synchronous model stays synchronous, a stream a stream.
 * A promise of the caller's own kind comes back as an ordinary one.
 */
export function createServe({ clock, budget, baselineVersion, report }: ServeParts): Serve {
  const ask = createAsk(report, 'OBSERVER_FAILED', 'the answer went out all the same')

  const call = (flight: Flight, models: AnyModels, options: AnyOptions, input: unknown[]): unknown => {
    const { variant } = flight
    const { timeoutMs, classify } = options
    const startedAt = clock.elapsed()

    const outcomeOf = (settled: Settled<unknown>, otherwise: Outcome): Outcome => {
      const said = classify && ask(() => classify(settled))
      if (said === undefined) return otherwise
      if (isOutcome(said)) return said
      report(new CanaryError('INVALID_OUTCOME', `classify said ${show(said)}; say an outcome, or undefined`))
      return otherwise
    }

    const tooLate = () => new CanaryError('MODEL_TIMEOUT', `${flight.answeredBy} took longer than ${timeoutMs} ms`)

    /** The baseline's answer in the canary's place, if it may; nothing of it is booked, and its error is the caller's. */
    const rescued = (outcome: Outcome, isLeft: boolean, otherwise: () => unknown): unknown => {
      const isBroken = outcome === 'error' || outcome === 'timeout'
      const mayFallBack = options.fallback === true && variant === 'canary' && isBroken && !isLeft
      if (!mayFallBack || !budget.take(clock.elapsed())) return otherwise()
      flight.answerFrom(baselineVersion)
      const output = models.baseline(...input)
      if (timeoutMs === undefined || !isThenable(output)) return output
      const expired = () => raise(tooLate())
      return inTime(Promise.resolve(output), clock, timeoutMs, {
        arrived: same,
        failed: raise,
        expired,
        late: releaseStream,
      })
    }

    const failed = (error: unknown): unknown => {
      const isLeft = flight.isAborted
      const outcome = outcomeOf({ error }, 'error')
      flight.end({ outcome })
      return rescued(outcome, isLeft, () => raise(error))
    }

    const expired = (): unknown => {
      const isLeft = flight.isAborted
      const error = tooLate()
      flight.expire(error)
      return rescued('timeout', isLeft, () => raise(error))
    }

    const isValid = (output: unknown): boolean => {
      const { validate } = options
      if (validate === undefined) return true
      try {
        const said = validate(output, ...input)
        return isThenable(said) ? ask(() => said) === undefined : said !== false
      } catch {
        return false
      }
    }

    const arrived = (output: unknown): unknown => {
      const stream = ask(() => isStream(output) && observeStream(output, streamObserver(flight, clock, startedAt)))
      if (stream) return stream
      const isLeft = flight.isAborted
      const outcome = isValid(output) ? outcomeOf({ output }, 'success') : 'error'
      if (outcome !== 'success') {
        flight.end({ outcome })
        return rescued(outcome, isLeft, () => output)
      }
      const { predictionOf, scoreOf, metricsOf } = options
      flight.end({
        prediction: predictionOf && ask(() => predictionOf(output, ...input)),
        score: scoreOf && ask(() => scoreOf(output, ...input)),
        metrics: metricsOf && ask(() => metricsOf(output, ...input)),
      })
      return output
    }

    if (variant === 'baseline') budget.spend(startedAt)
    let output: unknown
    try {
      output = models[variant](...input)
    } catch (error) {
      return failed(error)
    }
    if (!isThenable(output)) return arrived(output)
    const promise = Promise.resolve(output) // calls a foreign `then` once, and bears with what it does
    if (timeoutMs === undefined) return promise.then(arrived, failed)
    return inTime(promise, clock, timeoutMs, { arrived, failed, expired, late: releaseStream })
  }

  return call as unknown as Serve
}

const same = (output: unknown): unknown => output

const raise = (error: unknown): never => {
  throw error
}
