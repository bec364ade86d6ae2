import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** A function of the caller's. */
export function aFunction<F>(name: string, value: F): F {
  if (typeof value === 'function') return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a function, got ${show(value)}`)
}

/** A string that is not empty, or `undefined` where none was given. */
export function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a string that is not empty, got ${show(value)}`)
}
