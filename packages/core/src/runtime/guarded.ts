import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import { ignoreRejection } from '../routing/rejections.js'
import { isThenable } from '../routing/thenable.js'

/** Calls a user's callback. Returns its result, or `undefined` if it throws or returns a promise. */
export type Ask = <Said>(question: () => Said) => Said | undefined

/**
 * Returns a function that runs a user's callback safely. If the callback throws or returns a promise, `code` is
 * reported and `undefined` is returned; a rejection of that promise is ignored.
 */
export function createAsk(report: (error: CanaryError) => void, code: CanaryErrorCode, detail: string): Ask {
  return (question) => {
    try {
      const said = question()
      if (!isThenable(said)) return said
      ignoreRejection(said)
      report(new CanaryError(code, `a function returned a promise, but must be synchronous; ${detail}`))
    } catch (cause) {
      report(new CanaryError(code, `a function threw; ${detail}`, { cause }))
    }
    return undefined
  }
}
