import { CanaryError, type CanaryErrorCode } from './errors.js'
import { guessOf } from './option-guesses.js'
import { visible } from './visible-text.js'

/** Names that would change a prototype if they were used as an object's key. */
const POISONOUS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The longest name of a rollout, a version, a metric or a guardrail, in UTF-16 units. */
export const LONGEST_NAME = 64

/** Where the codes are explained. */
export const DOCS = 'https://github.com/model-canary/model-canary/blob/main/docs/errors.md'

/** The names of an options type, each exactly once: one that is missing, or is not an option, does not compile. */
export type Names<Options> = Readonly<Record<NameOf<Options>, 1>>

/** Default values of options, as plain data: `null` for one that is computed from something else. */
export type Defaults<Options> = { readonly [Name in keyof Options]?: Exclude<Options[Name], undefined> | null }

type NameOf<Options> = Options extends object ? keyof Options & string : never

/** An object with the names of an options type as its keys: a literal, or the defaults of all options. */
type Known<Options> = Readonly<Record<NameOf<Options>, unknown>>

/**
 * Refuses an options object with an unknown key, and says which option was likely meant, because a typo must not become
 * a default.
 *
 * As an object literal, `known` is checked by the compiler against the type of the options.
 */
export function refuseUnknown<Options>(where: string, options: Options, known: Known<Options>): void {
  if (!isRecord(options)) throw notAnObject(where, options, exampleOf(Object.keys(known)))
  const name = firstUnknown(options, known)
  if (name === undefined) return
  const names = Object.keys(known)
  const guess = guessOf(name, names)
  throw unknownOption(where, name, names, '', guess && ` (${guess})`)
}

/** The same without a guess, for code that has to stay small; `advice` follows the names of the options. */
export function refuseOthers<Options>(where: string, options: Options, known: Known<Options>, advice?: string): void {
  if (!isRecord(options)) throw notAnObject(where, options)
  const name = firstUnknown(options, known)
  if (name !== undefined) throw unknownOption(where, name, Object.keys(known), advice)
}

function unknownOption(where: string, name: string, names: readonly string[], advice = '', guess = ''): CanaryError {
  const list = `it knows ${names.join(', ')}${advice}; see ${DOCS}#unknown_option`
  return new CanaryError('UNKNOWN_OPTION', `${where} has no option "${name}"${guess}; ${list}`)
}

function notAnObject(where: string, options: unknown, example = ''): CanaryError {
  return new CanaryError('INVALID_OPTION', `${where} takes an options object${example}, got ${show(options)}`)
}

/** Returns the first key of the options that is not known; `undefined` if all are. Runs for some requests. */
function firstUnknown(options: object, known: object): string | undefined {
  for (const name of Object.keys(options)) if (!Object.hasOwn(known, name)) return name
  return undefined
}

/** Returns whether a value is an object and not an array. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const exampleOf = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` such as { ${names.slice(0, 4).join(', ')} }`

/** Returns the number if it is finite and within the bounds; throws otherwise, also for NaN. */
export function numberWithin(
  name: string,
  value: unknown,
  low: number,
  high: number,
  code: CanaryErrorCode = 'INVALID_OPTION',
): number {
  if (typeof value === 'number' && value >= low && value <= high && Number.isFinite(value)) return value
  const bounds = high === Number.MAX_VALUE ? `from ${low} up` : `from ${low} to ${high}`
  throw new CanaryError(code, `${name} must be a number ${bounds}, got ${show(value)}`)
}

/** Returns a duration in milliseconds, 0 or more. */
export function duration(name: string, value: unknown): number {
  return numberWithin(name, value, 0, Number.MAX_VALUE)
}

/** Returns a whole number within bounds. */
export function wholeNumber(name: string, value: unknown, low: number, high = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value))
    throw new CanaryError('INVALID_OPTION', `${name} must be a whole number, got ${show(value)}`)
  return numberWithin(name, value, low, high)
}

/** Returns a weight in percent with at most two decimals. */
export function percentage(name: string, value: unknown): number {
  const weight = numberWithin(name, value, 0, 100, 'INVALID_WEIGHT')
  if (Math.abs(weight * 100 - Math.round(weight * 100)) > 1e-6) {
    throw new CanaryError('INVALID_WEIGHT', `${name} is ${weight}; pass at most two decimals, such as 0.25`)
  }
  return Math.round(weight * 100) / 100
}

/** Returns a string that is neither empty nor too long. */
export function text(name: string, value: unknown, longest = 253): string {
  if (typeof value === 'string' && value !== '' && value.length <= longest) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a string of 1 to ${longest} characters, got ${show(value)}`)
}

/** Returns the same, or `undefined` if the value is `undefined`. */
export function optionalText(name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : text(name, value)
}

/** Returns a short, visible string that is safe to show and to use as an object's key. */
export function safeName(name: string, value: unknown, code: CanaryErrorCode = 'INVALID_NAME'): string {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_NAME) {
    throw new CanaryError(code, `${name} must be a string of 1 to ${LONGEST_NAME} characters, got ${show(value)}`)
  }
  if (POISONOUS.has(value)) throw new CanaryError(code, `${name} cannot be "${value}"; pick another name`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(value) || !value.isWellFormed()) {
    throw new CanaryError(code, `${name} must not contain control characters or lone surrogates`)
  }
  return value
}

/** Returns a boolean. Truthy and falsy values of other types are refused. */
export function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new CanaryError('INVALID_OPTION', `${name} must be true or false, got ${show(value)}`)
}

/** Returns one of a fixed set of words. */
export function oneOf<const Word extends string>(name: string, value: unknown, words: readonly Word[]): Word {
  if (words.includes(value as Word)) return value as Word
  throw new CanaryError('INVALID_OPTION', `${name} must be one of ${words.join(', ')}, got ${show(value)}`)
}

/** Returns a function, or `undefined` if none was given. */
export function optionalFunction<F>(name: string, value: F): F {
  if (value === undefined || typeof value === 'function') return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a function, got ${show(value)}`)
}

/** Returns a value as text for a message: short, and never a whole payload. Never throws. */
export function show(value: unknown): string {
  try {
    if (typeof value === 'string') return visible(JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value))
    if (value === null || typeof value !== 'object') return visible(String(value).slice(0, 40))
    return Array.isArray(value) ? `an array of ${value.length}` : 'an object'
  } catch {
    return 'something that cannot be shown'
  }
}
