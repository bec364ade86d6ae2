import { CanaryError } from '@model-canary/core'

/** Refuses an options object with a key that nobody reads: a typo must not become a default. */
export function refuseUnknown(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new CanaryError('INVALID_OPTION', `${where} takes an options object, got ${show(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw new CanaryError('UNKNOWN_OPTION', `${where} has no option ${show(name)}; it knows ${known.join(', ')}`)
  }
}

/** A number of milliseconds within bounds; written so that NaN fails. */
export function duration(name: string, value: unknown, low: number, high: number): number {
  if (typeof value === 'number' && value >= low && value <= high) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be ${low} to ${high} milliseconds, got ${show(value)}`)
}

/** A whole number within bounds. */
export function wholeNumber(name: string, value: unknown, low: number, high: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a whole number from ${low} to ${high}, got ${show(value)}`)
}

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

/** A value as it may be shown in a message: short, and never a whole payload. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (value === null || typeof value !== 'object') return String(value).slice(0, 40)
  return Array.isArray(value) ? `an array of ${value.length}` : 'an object'
}
