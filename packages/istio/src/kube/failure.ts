import type { CanaryError } from '@model-canary/core'

/** A failed attempt, and whether it can be retried. */
export interface Failure {
  readonly error: CanaryError
  /** Whether the same request may succeed a little later. */
  readonly mayPass: boolean
  /** Whether the server has certainly changed nothing. */
  readonly isUntouched: boolean
  /** The status of the response, if there was one. */
  readonly status?: number
  /** The server's `Retry-After`, in milliseconds. */
  readonly retryAfterMs?: number
}

/** Returns a permanent failure: retrying does not help. */
export function lasting(error: CanaryError): Failure {
  return { error, mayPass: false, isUntouched: true }
}
