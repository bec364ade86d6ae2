import type { Outcome } from '../foundation/vocabulary.js'

/**
 * The statuses by which a server says that the caller sent something that cannot be used: bad request, not acceptable,
 * precondition and size limits, unsupported media type, range, content.
 */
const CALLERS_MISTAKES: ReadonlySet<number> = new Set([400, 406, 413, 414, 415, 416, 422])

const REQUEST_TIMEOUT = 408

/**
 * Returns the outcome of a call that ended with an HTTP status; `undefined` for a status below 400, or none.
 *
 * The caller's mistakes are `rejected`, 408 is a `timeout`, and everything else from 400 up is an `error`: that a model
 * cannot be found or may not be used is the deployment's fault, not the caller's.
 */
export function outcomeOfStatus(status: unknown): Outcome | undefined {
  if (typeof status !== 'number' || !(status >= 400)) return undefined
  if (CALLERS_MISTAKES.has(status)) return 'rejected'
  return status === REQUEST_TIMEOUT ? 'timeout' : 'error'
}

/** Returns the outcome of a call that threw: by the error's `status` or `statusCode`, as HTTP clients and frameworks set them, else `error`. */
export function outcomeOfError(error: unknown): Outcome {
  return outcomeOfStatus(statusOf(error)) ?? 'error'
}

/** The HTTP status that an error carries; `undefined` if it carries none, or cannot be read. */
function statusOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown }
    return typeof status === 'number' ? status : statusCode
  } catch {
    return undefined
  }
}
