import { createMD5, type IHasher } from 'hash-wasm'
import { CanaryError } from '../foundation/errors.js'
import { digestMod10000, toBucket } from './bucket.js'
import { keyTextOf } from './key.js'
import { rememberBuckets } from './remembered-buckets.js'

/** The longest key, and the longest salt, in UTF-16 units. */
export const LONGEST_KEY = 1_024

/** The most bytes of a text of this length in UTF-8. */
const LONGEST_BYTES = 3 * LONGEST_KEY

/**
 * Returns the bucket 0…9999 of a key: a pure function of the key and the salt, the same on every machine.
 * A number or a bigint has the bucket of its decimal text. Every string has a bucket here, including strings that
 * a strategy does not accept as a key.
 *
 * Throws `INVALID_KEY` for a key of another type, a number that is not finite, and a string that is longer than 1,024
 * UTF-16 units or not well-formed Unicode. Throws `INVALID_OPTION` for a salt with the same faults.
 */
export type Bucketer = (key: string | number | bigint, salt?: string) => number

let compiled: Promise<IHasher> | undefined

/**
 * Compiles MD5 once per process and resolves to the function that puts keys into buckets.
 *
 * Hashes `salt + ':' + key` in UTF-8, or only the key if the salt is `''`.
 *
 * @example
 * const bucketOf = await createBucketer()
 * bucketOf('user_123', 'sentiment-2026-11') // always the same number in 0…9999
 */
export async function createBucketer(): Promise<Bucketer> {
  const md5 = await (compiled ??= createMD5())
  const bytes = new Uint8Array(LONGEST_BYTES + 4 + LONGEST_BYTES + 4) // the salt with its colon, and the key, in words
  let views: Uint8Array[] = [] // by their end: creating a view takes a tenth of a hash
  let prefix = ''
  let [start, keyStart] = [0, 0]
  const bytesTo = (end: number): Uint8Array => (views[end] ??= bytes.subarray(start, end))
  const hash = (end: number): number => toBucket(digestMod10000(md5.init().update(bytesTo(end)).digest('binary')))
  const remembered = rememberBuckets(bytes)

  return (key, salt = '') => {
    if (salt !== prefix) {
      ;[prefix, start, keyStart, views] = ['', 0, 0, []] // a salt that is refused must not be mistaken for the last one
      remembered.forget()
      ;[start, keyStart] = writeSalt(salt, bytes)
      prefix = salt
    }
    const text = typeof key === 'string' ? key : (keyTextOf(key) ?? key)
    return remembered.bucketOf(keyStart, write(KEY, text, bytes, keyStart), hash)
  }
}

/** The high bits of a character's first byte in UTF-8, by the number of bytes that follow. */
const FIRST_BYTE = [0, 0xc0, 0xe0, 0xf0] as const

const KEY = { name: 'key', kind: 'a string, a bigint or a finite number', code: 'INVALID_KEY' } as const
const SALT = { name: 'salt', kind: 'a string', code: 'INVALID_OPTION' } as const

/** Writes a salt and its colon before a multiple of four, so that a key can be read in words. Returns both ends. */
function writeSalt(salt: string, bytes: Uint8Array): readonly [start: number, end: number] {
  const length = write(SALT, salt, bytes, 0)
  if (length === 0) return [0, 0]
  const end = 4 * Math.ceil((length + 1) / 4)
  const start = end - length - 1
  bytes.copyWithin(start, 0, length)
  bytes[end - 1] = ':'.charCodeAt(0)
  return [start, end]
}

/**
 * Writes the text in UTF-8 at `start` and returns where it ends. Error messages never show the text.
 * Most keys are ASCII and need no check for surrogates.
 */
function write(what: typeof KEY | typeof SALT, text: unknown, bytes: Uint8Array, start: number): number {
  if (typeof text !== 'string')
    throw new CanaryError(what.code, `the ${what.name} must be ${what.kind}, got a value of type ${typeof text}`)
  if (text.length > LONGEST_KEY) {
    throw new CanaryError(what.code, `the ${what.name} has ${text.length} UTF-16 units; pass at most ${LONGEST_KEY}`)
  }
  let end = start
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 127) return writeUnicode(what, text, bytes, start)
    bytes[end++] = unit
  }
  return end
}

function writeUnicode(what: typeof KEY | typeof SALT, text: string, bytes: Uint8Array, start: number): number {
  if (!text.isWellFormed()) {
    throw new CanaryError(what.code, `the ${what.name} has a lone surrogate; pass well-formed Unicode`)
  }
  let end = start
  for (const character of text) end = writeCodePoint(character.codePointAt(0)!, bytes, end)
  return end
}

/** Encodes by hand, for hosts without a `TextEncoder`, such as jest's jsdom. */
function writeCodePoint(point: number, bytes: Uint8Array, end: number): number {
  if (point < 0x80) {
    bytes[end] = point
    return end + 1
  }
  const followers = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3
  bytes[end] = FIRST_BYTE[followers]! | (point >> (6 * followers))
  for (let left = followers - 1; left >= 0; left--)
    bytes[end + followers - left] = 0x80 | ((point >> (6 * left)) & 0x3f)
  return end + followers + 1
}
