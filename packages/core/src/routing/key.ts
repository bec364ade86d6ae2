import { CanaryError } from '../foundation/errors.js'
import { show } from '../foundation/options.js'

/**
 * Identifies who is routed: a string, a number or a bigint. A number or bigint is the same key as its decimal text.
 *
 * These count as no key: `undefined`, `null`, a number that is not finite, a blank string, and the texts that a
 * missing value turns into, such as `'undefined'`. A number beyond 2⁵³ has lost digits: pass a bigint or a string.
 */
export type RoutingKey = string | number | bigint | null | undefined

/** From this value on, JavaScript writes a number with an exponent. */
const FIRST_WITH_EXPONENT = 1e21

/** Texts of missing values, and of objects in templates, that do not begin with an ASCII letter or digit. */
const NO_KEY = /^(?:-Infinity|\[object \w+\]|\s*)$/

/** Returns the key as text, or `undefined` if the value does not count as a key. Never throws. */
export function keyTextOf(key: unknown): string | undefined {
  if (typeof key === 'string') return isNoKey(key) ? undefined : key
  if (typeof key === 'number') return Number.isFinite(key) ? decimalOf(key) : undefined
  return typeof key === 'bigint' ? String(key) : undefined
}

/**
 * Returns the key as text, or `undefined` if the value does not count as a key.
 *
 * @throws `INVALID_KEY` for a value that can never be a key: an object, a boolean, a function, a symbol
 */
export function checkedKeyTextOf(key: unknown): string | undefined {
  const text = keyTextOf(key)
  if (text === undefined && !isNothing(key) && typeof key !== 'string' && typeof key !== 'number') {
    throw new CanaryError(
      'INVALID_KEY',
      `the key must be a string, a number or a bigint, got a value of type ${typeof key}`,
    )
  }
  return text
}

/** Returns whether no key was given at all, which is allowed. */
export const isNothing = (key: unknown): key is null | undefined => key === undefined || key === null

/** Returns the message about a value that does not count as a key: how its requests are routed, and what to do. */
export const noKeyMessage = (value: unknown): string =>
  `the key ${show(value)} is not a valid key, so its requests are routed as if they had no key: pass the user's own id, or undefined if there is none`

/** Runs for every request, so the pattern is tried only where it may match. */
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
