import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import { isOutcome, OUTCOMES, type Outcome, type Variant } from '../foundation/vocabulary.js'
import type { Ask } from '../runtime/guarded.js'
import { adopt, isThenable } from '../runtime/thenable.js'
import type { Flight, FlightResult } from './flight.js'
import type { ServingOptions, Settled } from './models.js'
import { outcomeOfError } from './status-outcome.js'

/** What is asked about a call: the user's functions, and the input that they are given. */
export interface Described {
  readonly flight: Pick<Flight, 'variant'>
  readonly options: ServingOptions<unknown[], unknown>
  readonly input: unknown[]
  /** Whether what was to tell how it ended gave no such answer: the call counts as an error, and its output is the caller's. */
  isMisdescribed?: boolean
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

/** Makes the questions. `note` is told what the models' errors said, and `alert` of each answer of an option that is none. */
export function createDescribe(
  ask: Ask,
  report: (error: CanaryError) => void,
  note: (variant: Variant, error: unknown) => void,
  alert: (option: string, message: string) => void,
): Describe {
  /** Whoever cannot tell how a call ended has not seen it succeed. */
  const misdescribed = (option: 'classify' | 'validate', said: unknown, needed: string): void => {
    const isLate = isThenable(said)
    if (isLate) adopt(said).catch(() => {})
    const gave = isLate ? 'a promise, and is needed at once' : show(said)
    report(new CanaryError(isLate ? 'OBSERVER_FAILED' : 'INVALID_OUTCOME', `${option} said ${gave}; say ${needed}`))
    alert(option, `${option} said ${gave}: such calls count as errors, and callers get their outputs; say ${needed}`)
  }

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
        if (!isThenable(said)) return said !== false
        misdescribed('validate', said, 'true or false')
        call.isMisdescribed = true
        return false
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

const isBroken = (outcome: Outcome): boolean => outcome === 'error' || outcome === 'timeout'
