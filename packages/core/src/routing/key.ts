import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'

/**
 * Who is routed: a string, or a number or bigint, which is the same key as its decimal text.
 *
 * Not a key, besides `undefined` and `null`: a number that is not finite, a blank string, and the texts that a
 * missing value turns into, such as `'undefined'`. A number beyond 2⁵³ has lost digits: pass a bigint or a string.
 */
export type RoutingKey = string | number | bigint | null | undefined

/** From here on JavaScript writes a number with an exponent. */
const FIRST_WITH_EXPONENT = 1e21

/** What a missing value, or an object in a template, turns into as text that begins with no ASCII letter or digit. */
const NO_KEY = /^(?:-Infinity|\[object \w+\]|\s*)$/

/** The key as text, or `undefined` if the value is no key. Never throws. */
export function keyTextOf(key: unknown): string | undefined {
  if (typeof key === 'string') return isNoKey(key) ? undefined : key
  if (typeof key === 'number') return Number.isFinite(key) ? decimalOf(key) : undefined
  return typeof key === 'bigint' ? String(key) : undefined
}

/**
 * The key as text, or `undefined` if the value is no key.
 *
 * @throws `INVALID_KEY` for a value that can never be one: an object, a boolean, a function, a symbol
 */
export function checkedKeyTextOf(key: unknown): string | undefined {
  const text = keyTextOf(key)
  if (text === undefined && !isNothing(key) && typeof key !== 'string' && typeof key !== 'number') {
    throw new CanaryError('INVALID_KEY', `the key must be a string, a number or a bigint, got a ${typeof key}`)
  }
  return text
}

/** Whether no key was given at all, which is no mistake. */
export const isNothing = (key: unknown): key is null | undefined => key === undefined || key === null

/** Says of a value that is no key what becomes of its requests and what to do. */
export const noKeyMessage = (value: unknown): string =>
  `the key ${show(value)} is no key, so its requests are routed as ones without: pass the user's own id, and undefined where there is none`

/** Every request pays for this: the pattern is asked only where it may match. */
function isNoKey(text: string): boolean {
  if (!beginsWithAsciiWord(text)) return NO_KEY.test(text)
  return text === 'undefined' || text === 'null' || text === 'NaN' || text === 'Infinity'
}

function beginsWithAsciiWord(text: string): boolean {
  const first = text.charCodeAt(0)
  return (first > 0x60 && first < 0x7b) || (first > 0x2f && first < 0x5b)
}

function decimalOf(key: number): string {
  return Number.isInteger(key) && Math.abs(key) >= FIRST_WITH_EXPONENT ? String(BigInt(key)) : String(key)
}
