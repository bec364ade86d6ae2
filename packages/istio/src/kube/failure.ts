import type { CanaryError } from '@model-canary/core'

/** A try that failed, and what may be made of it. */
export interface Failure {
  readonly error: CanaryError
  /** True where the same question may be answered a little later. */
  readonly mayPass: boolean
  /** True where the server has certainly changed nothing. */
  readonly isUntouched: boolean
  /** The status of the answer, where there was one. */
  readonly status?: number
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number
}

/** A failure that stays one, however often it is tried. */
export function lasting(error: CanaryError): Failure {
  return { error, mayPass: false, isUntouched: true }
}
