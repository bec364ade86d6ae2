import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBucketer } from './md5.js'
import { PLACES, rememberBuckets } from './remembered-buckets.js'

/** The bucket of a key by other means: node:crypto and BigInt. */
function bucketByCrypto(salt: string, key: string): number {
  const text = salt === '' ? key : `${salt}:${key}`
  const digest = Number(BigInt(`0x${createHash('md5').update(text, 'utf8').digest('hex')}`) % 10_000n)
  return (digest % 100) * 100 + Math.floor(digest / 100)
}

/** Returns the remembered buckets, and how to ask for the bucket of a text at a multiple of four. */
function memoryOf({ start = 0 } = {}) {
  const bytes = new Uint8Array(256).fill(0xff)
  const { bucketOf, forget } = rememberBuckets(bytes)
  const hashed: string[] = []
  const decode = (from: number, end: number) => Buffer.from(bytes.subarray(from, end)).toString('latin1')
  const ask = (text: string, bucket: number) => {
    Buffer.from(text, 'latin1').copy(bytes, start)
    return bucketOf(start, start + text.length, (end) => {
      hashed.push(decode(start, end))
      return bucket
    })
  }
  return { ask, forget, hashed }
}

describe('rememberBuckets', () => {
  it('hashes a key once, wherever it begins', () => {
    for (const start of [0, 4, 12]) {
      const { ask, hashed } = memoryOf({ start })
      expect([ask('anna', 17), ask('ben', 9_999), ask('anna', 1), ask('ben', 2), ask('', 3), ask('', 4)]).toEqual([
        17, 9_999, 17, 9_999, 3, 3,
      ])
      expect(hashed).toEqual(['anna', 'ben', ''])
    }
  })

  it('tells keys apart that differ only in zero bytes at their end', () => {
    const { ask, hashed } = memoryOf()
    const keys = ['a', 'a\0', 'a\0\0', 'a\0\0\0', '', '\0']
    expect(keys.map((key, bucket) => ask(key, bucket))).toEqual([0, 1, 2, 3, 4, 5])
    expect(hashed).toEqual(keys)
  })

  it('hashes a key again after another one took its place, or after all were forgotten', () => {
    const { ask, forget, hashed } = memoryOf()
    const keys = Array.from({ length: 4 * PLACES }, (_, n) => `user-${n}`)
    for (const key of keys) ask(key, 1)
    expect(hashed.length).toBe(keys.length)
    expect(ask('user-0', 2)).toBe(2) // with four times as many keys as places, its place was taken
    expect(ask('user-0', 3)).toBe(2)
    forget()
    expect(ask('user-0', 4)).toBe(4)
  })

  it('remembers nearly all of a few hundred users', () => {
    for (const user of [(n: number) => `user-${n}`, (n: number) => `${n}`, (n: number) => `${n}@example.com`]) {
      const { ask, hashed } = memoryOf()
      for (let turn = 0; turn < 2; turn++) for (let n = 0; n < 256; n++) ask(user(n), n)
      expect(hashed.length).toBeGreaterThanOrEqual(256)
      expect(hashed.length).toBeLessThan(256 + 70) // 15 expected twice in a place with a fair hash: 2 × 15
    }
  })

  it('hashes a key of more than 40 bytes each time', () => {
    const { ask, hashed } = memoryOf()
    for (const length of [40, 40, 41, 41]) ask('k'.repeat(length), 1)
    expect(hashed.map((text) => text.length)).toEqual([40, 41, 41])
  })
})

it('never changes a bucket: with keys that come back, keys that share a place, and salts that alternate', async () => {
  const bucketOf = await createBucketer()
  const key = fc.oneof(
    fc.integer({ min: 0, max: 5_000 }).map((n) => `user-${n}`),
    fc.constantFrom('', '\0', 'a', 'a\0', 'a\0\0\0\0', 'é', '用户', 'k'.repeat(40), 'k'.repeat(41)),
    fc.string({ unit: 'grapheme', maxLength: 24 }),
  )
  const call = fc.tuple(fc.constantFrom('', 'a', 'ab', 'abc', 'abcd', 'ranking', 'é'), key)
  fc.assert(
    fc.property(fc.array(call, { minLength: 20, maxLength: 60 }), (calls) => {
      const asked = [...calls, ...calls.toReversed()]
      expect(asked.map(([salt, text]) => bucketOf(text, salt))).toEqual(asked.map((each) => bucketByCrypto(...each)))
    }),
    { numRuns: 200 },
  )
})
