import { CanaryError } from '@model-canary/core'

/** The longest name that becomes an attribute, in UTF-16 units. */
const LONGEST_NAME = 128

/** Refuses an options object with a key that nobody reads: a typo must not become a default. */
export function refuseUnknown(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new CanaryError('INVALID_OPTION', `${where} takes an options object`)
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new CanaryError('UNKNOWN_OPTION', `${where} has no option "${name}"; it knows ${known.join(', ')}`)
    }
  }
}

/** A short, non-empty string. */
export function shortText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a string of 1 to ${LONGEST_NAME} characters`)
}

/** A boolean, and nothing that merely counts as one. */
export function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new CanaryError('INVALID_OPTION', `${name} must be true or false`)
}

/** An object with these methods, or `undefined` where none was given. */
export function optionalWith<Thing extends object>(
  name: string,
  value: Thing | undefined,
  methods: readonly (keyof Thing & string)[],
): Thing | undefined {
  if (value === undefined) return undefined
  const lacks = methods.find((method) => typeof value?.[method] !== 'function')
  if (lacks === undefined) return value
  throw new CanaryError('INVALID_OPTION', `${name} has no method ${lacks}`)
}
