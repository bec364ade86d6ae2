import { LONGEST_NAME } from '../foundation/options.js'
import { productOf } from './float-parts.js'
import { checksumOf, DIGITS, ESCAPE, SEPARATOR } from './packed-text.js'

/** The largest count that is read: the sum of 8,192 of them is still an exact integer. */
export const LARGEST_COUNT = 1_099_511_627_776

/** Longer texts are not read. */
export const LONGEST_TEXT = 1_048_576

/** Stands for a character that is not a digit. */
const NO_DIGIT = 64

/** The value of each digit by its character code. */
const VALUES = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) => {
  const value = DIGITS.indexOf(String.fromCharCode(code))
  return value < 0 ? NO_DIGIT : value
})

/**
 * Reads what was written, from texts that may come from anywhere, one after another. It never throws.
 *
 * After the first flaw, every number is `NaN`, and the text is never complete. A loop up to a number that was read ends
 * there. The members are open to code that reads many numbers.
 */
export interface TextReader {
  /** The numbers of the text, and what was there before. Its length does not depend on what a text says. */
  numbers: Float64Array
  /** How many numbers the text has. */
  length: number
  /** The next number. It is beyond `length` after a flaw. */
  at: number
  /** The names of the text, each behind a separator. */
  names: string
}

/** Creates a reader. */
export const createTextReader = (): TextReader => ({ numbers: new Float64Array(1_024), length: 0, at: 0, names: '' })

/** Begins a text. Returns false if it is of another form, was changed on its way, or is too long. */
export function openText(reader: TextReader, text: string, form: string): boolean {
  const end = endOfContent(text, form)
  if (end < 0) return false
  const numbersEnd = text.indexOf(SEPARATOR)
  if (reader.numbers.length < numbersEnd) reader.numbers = new Float64Array(2 * numbersEnd)
  reader.names = text.slice(numbersEnd, end)
  reader.length = readNumbers(text, form.length, numbersEnd, reader.numbers)
  reader.at = 0
  return reader.length >= 0
}

/** Reads a whole number from 0 to `most`. */
export function readCount(from: TextReader, most: number = LARGEST_COUNT): number {
  const value = from.at < from.length ? from.numbers[from.at++]! : Number.NaN
  return value <= most ? value : refuse(from)
}

/** Reads any number. */
export function readNumber(from: TextReader): number {
  const head = readCount(from, Number.MAX_SAFE_INTEGER)
  const kind = head % 4
  const rest = (head - kind) / 4
  const size = kind % 2 === 1 ? productOf(readCount(from, Number.MAX_SAFE_INTEGER), rest) : rest
  return kind >= 2 ? -size : size
}

/** Says that what was read cannot be right. Returns `NaN`. */
export function refuse(from: TextReader): number {
  from.at = from.length + 1
  return Number.NaN
}

/** Returns whether all numbers were read, without a flaw. */
export const isComplete = ({ at, length }: TextReader): boolean => at === length

/** Returns the names; `undefined` if there are not as many of them, or if one of them is too long. */
export function readNames({ names }: TextReader, length: number): readonly string[] | undefined {
  const packed = names === '' ? [] : names.slice(SEPARATOR.length).split(SEPARATOR, length + 1)
  const read = packed.map(unescaped)
  return read.length === length && read.every((name) => name.length <= LONGEST_NAME) ? read : undefined
}

/** Returns whether names are in ascending order, each of them once. */
export const areRising = (names: readonly string[]): boolean =>
  names.every((name, at) => at === 0 || names[at - 1]! < name)

/** Returns where the checksum of a text begins; −1 if the text is of another form, was changed, or is too long. */
function endOfContent(text: unknown, form: string): number {
  if (typeof text !== 'string' || text.length > LONGEST_TEXT || !text.startsWith(form)) return -1
  const end = text.lastIndexOf(SEPARATOR)
  return end >= form.length && checksumOf(text, end) === text.slice(end + 1) ? end : -1
}

/** Reads numbers from a place of a text up to another one. Returns how many; −1 if they are no numbers. */
function readNumbers(text: string, from: number, to: number, into: Float64Array): number {
  let length = 0
  let value = 0
  let shift = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    const digit = code < VALUES.length ? VALUES[code]! : NO_DIGIT
    if (digit === NO_DIGIT) return -1
    if (shift < 30) value |= (digit & 31) << shift
    else value += (digit & 31) * 2 ** shift
    if (digit >= 32) {
      shift += 5
      continue
    }
    into[length++] = value
    value = 0
    shift = 0
  }
  return shift === 0 ? length : -1
}

const ESCAPED = /~([0-9a-f]{4})/g

const unescaped = (name: string): string =>
  name.includes(ESCAPE)
    ? name.replace(ESCAPED, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
    : name
