import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import golden from '../../test/vectors/sticky.json'
import { isCanaryError } from '../foundation/errors.js'
import { variantOf } from './bucket.js'
import { createBucketer } from './md5.js'

const bucketOf = await createBucketer()

/** The MD5 of a text as an integer, by other means: node:crypto and BigInt. */
const md5 = (text: string) => BigInt(`0x${createHash('md5').update(text, 'utf8').digest('hex')}`)

function codeOf(attempt: () => unknown): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    if (isCanaryError(error)) return error.code
    throw error
  }
}

describe('createBucketer', () => {
  it('keeps the 50 golden vectors, which were made by Python', () => {
    expect(golden.vectors.length).toBe(50)
    const now = golden.vectors.map(({ salt, key }) => ({ salt, key, bucket: bucketOf(key, salt) }))
    expect(now).toEqual(golden.vectors)
  })

  it('hashes only the key if there is no salt', () => {
    expect(bucketOf('user_123')).toBe(8884)
    expect(bucketOf('user_123', '')).toBe(8884)
    expect(bucketOf('a:user_123')).toBe(bucketOf('user_123', 'a'))
  })

  it('does not mix up the salts of successive calls, nor of two bucketers', async () => {
    const other = await createBucketer()
    const first = { salt: 'ranking', key: 'user_456', bucket: 5983 }
    for (let turn = 0; turn < 3; turn++) {
      expect(bucketOf(first.key, first.salt)).toBe(first.bucket)
      expect(other('user_123', '')).toBe(8884)
      expect(bucketOf('user_123')).toBe(8884)
    }
  })

  it('refuses a key that is too long, and takes one of 1,024 UTF-16 units', () => {
    expect(codeOf(() => bucketOf('k'.repeat(1_024)))).toBeUndefined()
    expect(codeOf(() => bucketOf('k'.repeat(1_025)))).toBe('INVALID_KEY')
    expect(codeOf(() => bucketOf('界'.repeat(1_025)))).toBe('INVALID_KEY')
  })

  it('refuses a lone surrogate, which other languages hash differently or not at all', () => {
    expect(codeOf(() => bucketOf('user-\ud83d'))).toBe('INVALID_KEY')
    expect(codeOf(() => bucketOf('\ude00'))).toBe('INVALID_KEY')
    expect(codeOf(() => bucketOf('\ud83d\ude00'))).toBeUndefined()
  })

  it('puts a number and a bigint into the bucket of their decimal text', () => {
    for (const [key, text] of [
      [42, '42'],
      [42n, '42'],
      [-0, '0'],
      [-7, '-7'],
      [0.1, '0.1'],
      [1e21, '1000000000000000000000'],
    ] as const) {
      expect(bucketOf(key, 'ranking')).toBe(bucketOf(text, 'ranking'))
    }
    expect(bucketOf(10n ** 21n, 'ranking')).toBe(bucketOf(1e21, 'ranking'))
  })

  it('refuses a value that is neither a string nor a number', () => {
    for (const key of [Number.NaN, Number.POSITIVE_INFINITY, null, undefined, {}, ['a'], true, Symbol('a')]) {
      expect(codeOf(() => bucketOf(key as unknown as string))).toBe('INVALID_KEY')
    }
  })

  it('never shows the key in a message', () => {
    expect(() => bucketOf(`anna@example.com${'.'.repeat(1_024)}`)).toThrow(/^(?!.*anna).*$/s)
    expect(() => bucketOf('anna@example.com\ud83d')).toThrow(/^(?!.*anna).*$/s)
  })

  it('refuses such a salt as an option, and is not confused by it afterwards', () => {
    expect(bucketOf('user_456', 'ranking')).toBe(5983)
    for (const salt of [42, null, 'x'.repeat(1_025), 'spoilt\ud83d']) {
      expect(codeOf(() => bucketOf('user_456', salt as string))).toBe('INVALID_OPTION')
      expect(bucketOf('user_456', 'ranking')).toBe(5983)
    }
  })
})

describe('properties', () => {
  const keys = Array.from({ length: 2_000 }, (_, n) => (n % 2 === 0 ? `user_${n}` : `用户-${n * 7_919}`))

  it("agrees with Python's `int(md5(key).hexdigest(), 16) % 100 < percent` at every whole percent", () => {
    const disagreements = keys.flatMap((key) => {
      const hundreds = md5(key) % 100n
      const bucket = bucketOf(key)
      return Array.from({ length: 101 }, (_, percent) => percent)
        .filter((percent) => (variantOf(bucket, percent) === 'canary') !== hundreds < BigInt(percent))
        .map((percent) => ({ key, percent }))
    })
    expect(disagreements).toEqual([])
  })

  it('agrees with MD5 by other means for any salt and key', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(
      fc.property(text, text, (salt, key) => {
        const remainder = Number(md5(salt === '' ? key : `${salt}:${key}`) % 10_000n)
        expect(bucketOf(key, salt)).toBe((remainder % 100) * 100 + Math.floor(remainder / 100))
      }),
      { numRuns: 500 },
    )
  })
})
