import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

/** Returns the value if it is a function. @throws `INVALID_OPTION` */
export function aFunction<F>(name: string, value: F): F {
  if (typeof value === 'function') return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a function, got ${show(value)}`)
}

/** Returns the value if it is a non-empty string or `undefined`. @throws `INVALID_OPTION` */
export function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a string that is not empty, got ${show(value)}`)
}
