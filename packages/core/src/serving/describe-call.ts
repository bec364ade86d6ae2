import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import { isOutcome, OUTCOMES, type Outcome, type Variant } from '../foundation/vocabulary.js'
import { ignoreRejection } from '../routing/rejections.js'
import { isThenable } from '../routing/thenable.js'
import type { Ask } from '../runtime/guarded.js'
import type { Flight, FlightResult } from './flight.js'
import type { ServingOptions, Settled } from './models.js'
import { outcomeOfError } from './status-outcome.js'

/** A call, with the options whose functions describe it and the input that they receive. */
export interface Described {
  readonly flight: Pick<Flight, 'variant'>
  readonly options: ServingOptions<unknown[], unknown>
  readonly input: unknown[]
  /** True if `classify` or `validate` returned an invalid value. The call is an error; the caller gets its output. */
  isMisdescribed?: boolean
}

/** Calls the user's functions about a call. Their errors never fail the request. */
export interface Describe {
  /** Returns the outcome that `classify` returns for a call, or `otherwise` if it returns none. */
  outcomeOf(call: Described, settled: Settled<unknown>, otherwise: Outcome): Outcome
  /** Returns the outcome of a failed call: from `classify`, or else from the error's status. Logs the error. */
  outcomeOfFailure(call: Described, error: unknown, otherwise?: Outcome): Outcome
  /** Returns whether `validate` accepts an output. Logs why it does not. */
  isValid(call: Described, output: unknown): boolean
  /** Returns the prediction, score and metrics of an output. */
  resultOf(call: Described, output: unknown): FlightResult
}

/** Creates the functions. `note` is called with errors of the models, `alert` for each invalid value of an option. */
export function createDescribe(
  ask: Ask,
  report: (error: CanaryError) => void,
  note: (variant: Variant, error: unknown) => void,
  alert: (option: string, message: string) => void,
): Describe {
  const misdescribed = createMisdescribed(report, alert)

  const outcomeOf: Describe['outcomeOf'] = (call, settled, otherwise) => {
    const { classify } = call.options
    if (classify === undefined) return otherwise
    const answer = ask(() => ({ said: classify(settled) as unknown }))
    if (answer === undefined || answer.said === undefined) return otherwise
    const { said } = answer
    if (isOutcome(said)) return said
    misdescribed('classify', said, `${OUTCOMES.join(', ')}, or undefined`)
    if (isBroken(otherwise)) return otherwise
    call.isMisdescribed = true
    return 'error'
  }

  return {
    outcomeOf,
    outcomeOfFailure(call, error, otherwise = outcomeOfError(error)) {
      const outcome = outcomeOf(call, { error }, otherwise)
      if (isBroken(outcome)) note(call.flight.variant, error)
      return outcome
    },
    isValid(call, output) {
      const { validate } = call.options
      if (validate === undefined) return true
      try {
        const said: unknown = validate(output, ...call.input)
        if (said === undefined || (said && !isThenable(said))) return true
        if (said) {
          misdescribed('validate', said, 'true or false')
          call.isMisdescribed = true
        } else note(call.flight.variant, `validate returned ${show(said)}`)
      } catch (error) {
        note(call.flight.variant, error)
      }
      return false
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

/** Reports an invalid result of an option. Such a call counts as an error, because its success was not seen. */
type Misdescribed = (option: 'classify' | 'validate', said: unknown, needed: string) => void

function createMisdescribed(
  report: (error: CanaryError) => void,
  alert: (option: string, message: string) => void,
): Misdescribed {
  return (option, said, needed) => {
    const isLate = isThenable(said)
    ignoreRejection(said)
    const gave = isLate ? 'a promise, but must be synchronous' : show(said)
    report(
      new CanaryError(isLate ? 'OBSERVER_FAILED' : 'INVALID_OUTCOME', `${option} returned ${gave}; return ${needed}`),
    )
    alert(
      option,
      `${option} returned ${gave}: such calls count as errors, and callers get their outputs; return ${needed}`,
    )
  }
}

const isBroken = (outcome: Outcome): boolean => outcome === 'error' || outcome === 'timeout'
