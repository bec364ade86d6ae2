import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import { adopt, isThenable } from './thenable.js'

/** Asks a function that only watches; `undefined` where it throws, or answers with a promise. */
export type Ask = <Said>(question: () => Said) => Said | undefined

/**
 * Makes the question that never breaks serving: a failure is reported under `code`, and so is an
 * answer that comes too late to be of use. Its rejection ends nothing.
 */
export function createAsk(report: (error: CanaryError) => void, code: CanaryErrorCode, detail: string): Ask {
  return (question) => {
    try {
      const said = question()
      if (!isThenable(said)) return said
      adopt(said).catch(() => {})
      report(new CanaryError(code, `an answer was a promise, and is needed at once; ${detail}`))
    } catch (cause) {
      report(new CanaryError(code, `a function threw; ${detail}`, { cause }))
    }
    return undefined
  }
}
