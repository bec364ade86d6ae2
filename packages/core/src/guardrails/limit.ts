import { CanaryError } from '../foundation/errors.js'
import { numberWithin, show } from '../foundation/options.js'

/** Returns an absolute limit, or `null` if it is left out. Throws `INVALID_OPTION`. */
export function optionalLimit(name: string, value: unknown, low: number, high = Number.MAX_VALUE): number | null {
  if (value === undefined || value === null) return null
  return numberWithin(name, value, low, high)
}

/** Returns an absolute limit that may be negative, or `null` if it is left out. Throws `INVALID_OPTION`. */
export function optionalFiniteLimit(name: string, value: unknown): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a finite number, got ${show(value)}`)
}
