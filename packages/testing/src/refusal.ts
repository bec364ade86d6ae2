import { CanaryError } from '@model-canary/core'

/** Returns the error for a value that cannot be used. */
export function refusal(detail: string): CanaryError {
  return new CanaryError('INVALID_OPTION', detail)
}
