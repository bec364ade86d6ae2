import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import { ignoreRejection } from '../routing/rejections.js'

/** Reports a failure. `describe` returns the message; it is only called if there is a listener. */
export type Report = (code: CanaryErrorCode, describe: () => string, options?: ErrorOptions) => void

/** Returns the function that reports failures to a listener. It ignores what the listener throws or rejects with. */
export function createReport(onInternalError: ((error: CanaryError) => void) | undefined): Report {
  return (code, describe, options) => {
    try {
      ignoreRejection(onInternalError?.(new CanaryError(code, describe(), options)))
    } catch {
      // an error of the listener must not fail a request
    }
  }
}

/** Returns the function that reports that one of the user's functions threw. */
export function reportThrown(report: Report, name: string): (cause: unknown) => void {
  return (cause) => report('OBSERVER_FAILED', () => `${name} threw; see the cause`, { cause })
}

/** Reports that a field is invalid, and returns `false`. */
export type Refuse = (code: CanaryErrorCode, name: string, value: unknown) => false

/** Returns the function that reports invalid fields. */
export function createRefuse(report: Report): Refuse {
  return (code, name, value) => {
    report(code, () => `${name} is ${show(value)}`)
    return false
  }
}
