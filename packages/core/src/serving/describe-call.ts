import { CanaryError } from '../errors.js'
import { show } from '../options.js'
import { isOutcome, type Outcome, type Variant } from '../vocabulary.js'
import type { Ask } from './ask.js'
import type { Flight, FlightResult } from './flight.js'
import type { ServingOptions, Settled } from './models.js'
import { outcomeOfError } from './status-outcome.js'
import { isThenable } from './thenable.js'

/** What is asked about a call: the user's functions, and the input that they are given. */
export interface Described {
  readonly flight: Pick<Flight, 'variant'>
  readonly options: ServingOptions<unknown[], unknown>
  readonly input: unknown[]
}

/** Asks the user's functions about calls. None of them can break serving. */
export interface Describe {
  /** How a call ended, if `classify` says so, and `otherwise` if not. */
  outcomeOf(call: Described, settled: Settled<unknown>, otherwise: Outcome): Outcome
  /** How a call ended that failed with this error: by `classify`, or by the error's status. Notes what the error said. */
  outcomeOfFailure(call: Described, error: unknown, otherwise?: Outcome): Outcome
  isValid(call: Described, output: unknown): boolean
  /** What is to be booked of an output. */
  resultOf(call: Described, output: unknown): FlightResult
}

/** Makes the questions. `note` is told what the models' errors said. */
export function createDescribe(
  ask: Ask,
  report: (error: CanaryError) => void,
  note: (variant: Variant, error: unknown) => void,
): Describe {
  const outcomeOf: Describe['outcomeOf'] = ({ options: { classify } }, settled, otherwise) => {
    if (classify === undefined) return otherwise
    const said = ask(() => classify(settled))
    if (said === undefined || isOutcome(said)) return said ?? otherwise
    report(new CanaryError('INVALID_OUTCOME', `classify said ${show(said)}; say an outcome, or undefined`))
    return otherwise
  }

  return {
    outcomeOf,
    outcomeOfFailure(call, error, otherwise = outcomeOfError(error)) {
      const outcome = outcomeOf(call, { error }, otherwise)
      if (outcome === 'error' || outcome === 'timeout') note(call.flight.variant, error)
      return outcome
    },
    isValid({ options: { validate }, input }, output) {
      if (validate === undefined) return true
      try {
        const said = validate(output, ...input)
        return isThenable(said) ? ask(() => said) === undefined : said !== false
      } catch {
        return false
      }
    },
    resultOf({ options: { predictionOf, scoreOf, metricsOf }, input }, output) {
      return {
        prediction: predictionOf && ask(() => predictionOf(output, ...input)),
        score: scoreOf && ask(() => scoreOf(output, ...input)),
        metrics: metricsOf && ask(() => metricsOf(output, ...input)),
      }
    },
  }
}
