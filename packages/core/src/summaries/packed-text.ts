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

/** Creates a writer of one text. */
export function createTextWriter(): TextWriter {
  let numbers = ''
  let names = ''

  function count(value: number): void {
    let rest = value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : 0
    while (rest >= 32) {
      numbers += DIGITS[32 + (rest % 32)]
      rest = Math.floor(rest / 32)
    }
    numbers += DIGITS[rest]
  }

  return {
    get length() {
      return numbers.length
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
      const content = form + numbers + names
      return content + SEPARATOR + checksumOf(content)
    },
  }
}

/** Returns the checksum of the beginning of a text. A text with one other character always has another one. */
export const checksumOf = (content: string, length?: number): string => (hashOfKey(content, length) >>> 0).toString(36)
