import { CanaryError } from '../foundation/errors.js'

/**
 * Returns the function that reports once that `fallback` and `firstChunkTimeoutMs` have no effect on an output, because
 * it cannot be replaced before its first chunk.
 */
export function createUnreplacedReport(report: (error: CanaryError) => void): (version: string) => void {
  let isTold = false
  return (version) => {
    if (isTold) return
    isTold = true
    const detail = `fallback, firstChunkTimeoutMs: no effect once ${version} has returned its output`
    report(
      new CanaryError(
        'OPTION_IGNORED',
        `${detail}, which is a response, or not an async iterable, web stream or Node stream itself`,
      ),
    )
  }
}
