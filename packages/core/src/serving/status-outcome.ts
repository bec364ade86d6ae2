import type { Outcome } from '../foundation/vocabulary.js'

/**
 * The statuses that blame the caller's input: bad request, not acceptable, precondition and size limits, unsupported
 * media type, range, content.
 */
const CALLERS_MISTAKES: ReadonlySet<number> = new Set([400, 406, 413, 414, 415, 416, 422])

const REQUEST_TIMEOUT = 408

/**
 * Returns the outcome of a call that ended with an HTTP status; `undefined` if there is no status or it is below 400.
 *
 * Mistakes of the caller are `rejected`, 408 is a `timeout`, and every other status from 400 up is an `error`: a model
 * that is not found or not permitted is a fault of the deployment, not of the caller.
 */
export function outcomeOfStatus(status: unknown): Outcome | undefined {
  if (typeof status !== 'number' || !(status >= 400)) return undefined
  if (CALLERS_MISTAKES.has(status)) return 'rejected'
  return status === REQUEST_TIMEOUT ? 'timeout' : 'error'
}

/** Returns the outcome of a call that threw: by the error's `status` or `statusCode` if it has one, else `error`. */
export function outcomeOfError(error: unknown): Outcome {
  return outcomeOfStatus(statusOf(error)) ?? 'error'
}

/** Returns the HTTP status of an error; `undefined` if it has none or cannot be read. */
function statusOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown }
    return typeof status === 'number' ? status : statusCode
  } catch {
    return undefined
  }
}
