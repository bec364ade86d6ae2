import { CanaryError } from '@model-canary/core'

/** Refuses an options object with a key that nobody reads: a typo must not become a default. */
export function refuseUnknown(where: string, options: unknown, known: readonly string[]): void {
  if (!isRecord(options)) throw new CanaryError('INVALID_OPTION', `${where} takes an options object`)
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new CanaryError('UNKNOWN_OPTION', `${where} has no option "${name}"; it knows ${known.join(', ')}`)
    }
  }
}

/** A boolean, and nothing that merely counts as one. */
export function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new CanaryError('INVALID_OPTION', `${name} must be true or false`)
}

/** A whole number within bounds. */
export function wholeNumber(name: string, value: unknown, low: number, high: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a whole number from ${low} to ${high}`)
}

/** An object that is no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
