import { hashOfKey } from './clusters.js'
import { partsOf } from './float-parts.js'

/**
 * The digits of packed numbers. Each has five bits of a number, the lowest five first; the digits of the second half are
 * followed by a further digit.
 */
export const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'

/** Stands before each name and before the checksum. */
export const SEPARATOR = '.'

/** Stands before the four hexadecimal digits of a character of a name that is not one of the digits. */
export const ESCAPE = '~'

/** Whole numbers up to this magnitude are written as such, all other numbers by mantissa and exponent. */
const LARGEST_PLAIN = 1_125_899_906_842_624

/** Writes numbers and names as text of ASCII characters, which every store keeps as it is. */
export interface TextWriter {
  /** The number of characters that the numbers take so far. */
  readonly length: number
  /** Writes a whole number from 0 up. Anything else is written as 0. */
  count(value: number): void
  /** Writes any finite number exactly; whole numbers are short. Anything else is written as 0. */
  number(value: number): void
  /** Writes a text of at most 64 UTF-16 units, also one with lone surrogates. Names stand after all numbers. */
  name(name: string): void
  /** Returns the text: its form, the numbers, the names, and a checksum. */
  sealed(form: string): string
}

/** So many characters have room in the beginning. */
const FIRST_ROOM = 64

/** So many characters are joined at a time, because a function takes only so many arguments. */
const JOINED_AT_ONCE = 4_096

/** Creates a writer of one text. */
export function createTextWriter(): TextWriter {
  let codes = new Uint8Array(FIRST_ROOM) // a text that grows by single characters takes 32 bytes for each
  let length = 0
  let names = ''

  function digit(value: number): void {
    if (length === codes.length) codes = withTwiceTheRoom(codes)
    codes[length++] = DIGITS.charCodeAt(value)
  }

  function count(value: number): void {
    let rest = value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : 0
    while (rest >= 32) {
      digit(32 + (rest % 32))
      rest = Math.floor(rest / 32)
    }
    digit(rest)
  }

  return {
    get length() {
      return length
    },
    count,
    number(value) {
      const sign = value < 0 ? 2 : 0
      const size = Number.isFinite(value) ? Math.abs(value) : 0
      if (Number.isInteger(size) && size <= LARGEST_PLAIN) return count(4 * size + sign)
      const { mantissa, exponent } = partsOf(size)
      count(4 * exponent + sign + 1)
      count(mantissa)
    },
    name(name) {
      names += SEPARATOR
      for (let at = 0; at < name.length; at++) {
        const hex = name.charCodeAt(at).toString(16).padStart(4, '0')
        names += DIGITS.includes(name[at]!) ? name[at] : ESCAPE + hex
      }
    },
    sealed(form) {
      const content = form + textOf(codes.subarray(0, length)) + names
      return content + SEPARATOR + checksumOf(content)
    },
  }
}

function withTwiceTheRoom(codes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * codes.length)
  larger.set(codes)
  return larger
}

function textOf(codes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < codes.length; at += JOINED_AT_ONCE) {
    const chunk: ArrayLike<number> = codes.subarray(at, at + JOINED_AT_ONCE)
    text += String.fromCharCode.apply(null, chunk as number[]) // `...` would create an object for each of them
  }
  return text
}

/** Returns the checksum of the beginning of a text. A text with one other character always has another one. */
export const checksumOf = (content: string, length?: number): string => (hashOfKey(content, length) >>> 0).toString(36)
