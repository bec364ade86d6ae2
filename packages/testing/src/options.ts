import { CanaryError } from '@model-canary/core'

/** Refuses an options object with a key that nobody reads: a typo must not become a default. */
export function refuseUnknown(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw refusal(`${where} takes an object, got ${options}`)
  const name = Object.keys(options).find((key) => !known.includes(key))
  if (name === undefined) return
  throw new CanaryError('UNKNOWN_OPTION', `${where} has no option "${name}"; it knows ${known.join(', ')}`)
}

/** The number itself if it is finite and within the bounds; written so that NaN fails. */
export function numberFrom(name: string, value: unknown, low: number, high = Number.MAX_VALUE): number {
  if (typeof value === 'number' && value >= low && value <= high) return value
  const bounds = high === Number.MAX_VALUE ? `from ${low} up` : `from ${low} to ${high}`
  throw refusal(`${name} is a number ${bounds}, got ${String(value)}`)
}

/** A function, or `undefined` where none was given. */
export function optionalFunction<F>(name: string, value: F): F {
  if (value === undefined || typeof value === 'function') return value
  throw refusal(`${name} is a function, got ${String(value)}`)
}

/** The error for a value that cannot be used. */
export function refusal(detail: string): CanaryError {
  return new CanaryError('INVALID_OPTION', detail)
}
