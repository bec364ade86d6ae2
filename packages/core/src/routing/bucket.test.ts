import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUCKET_COUNT, digestMod10000, toBucket, variantOf } from './bucket.js'

/** Every legal weight: 0, 0.01, … 100. */
const WEIGHTS = Array.from({ length: 10_001 }, (_, hundredths) => hundredths / 100)

const digestOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

describe('digestMod10000', () => {
  it('reads the digest as one big-endian integer', () => {
    // MD5 of '', 'a' and 'abc' (RFC 1321, A.5); the remainders are Python's.
    expect(digestMod10000(digestOf('d41d8cd98f00b204e9800998ecf8427e'))).toBe(8366)
    expect(digestMod10000(digestOf('0cc175b9c0f1b6a831c399e269772661'))).toBe(6497)
    expect(digestMod10000(digestOf('900150983cd24fb0d6963f7d28e17f72'))).toBe(3570)
  })

  it('holds at the extremes, where an integer of 32 bits would overflow', () => {
    expect(digestMod10000(digestOf('00000000000000000000000000000000'))).toBe(0)
    expect(digestMod10000(digestOf('00000000000000000000000000002710'))).toBe(0)
    expect(digestMod10000(digestOf('01000000000000000000000000000000'))).toBe(4576)
    expect(digestMod10000(digestOf('ffffffffffffffffffffffffffffffff'))).toBe(1455)
  })
})

describe('toBucket', () => {
  it('puts the last two digits of the remainder first', () => {
    expect([0, 7, 99, 100, 8488, 9999].map(toBucket)).toEqual([0, 700, 9900, 1, 8884, 9999])
  })

  it('uses every bucket once', () => {
    const buckets = new Set(Array.from({ length: BUCKET_COUNT }, (_, remainder) => toBucket(remainder)))
    expect(buckets.size).toBe(10_000)
    expect([Math.min(...buckets), Math.max(...buckets)]).toEqual([0, 9999])
  })
})

describe('variantOf', () => {
  it('gives the canary the buckets below the weight', () => {
    expect(variantOf(999, 10)).toBe('canary')
    expect(variantOf(1000, 10)).toBe('baseline')
  })

  it('gives the canary nothing at 0 and everything at 100', () => {
    expect(variantOf(0, 0)).toBe('baseline')
    expect(variantOf(9999, 100)).toBe('canary')
  })

  it('does not lose half a percent, nor a hundredth', () => {
    expect([variantOf(49, 0.5), variantOf(50, 0.5)]).toEqual(['canary', 'baseline'])
    expect([variantOf(0, 0.01), variantOf(1, 0.01)]).toEqual(['canary', 'baseline'])
  })

  it('rounds, because the plain product is wrong at 573 of the legal weights', () => {
    const plain = (bucket: number, weight: number) => bucket < weight * 100
    const misplaced = WEIGHTS.filter((weight, hundredths) => plain(hundredths, weight))
    expect(misplaced.length).toBe(573)
    expect(misplaced.slice(0, 5)).toEqual([0.07, 0.14, 0.28, 0.55, 0.56])
    expect(misplaced.map((weight) => variantOf(Math.round(weight * 100), weight))).not.toContain('canary')
  })
})

describe('properties', () => {
  it('gives the canary exactly its share of the buckets at each of the 10,001 legal weights', () => {
    // The lower bucket always goes first (below), so that the share ends where the variant changes.
    const wrong = WEIGHTS.filter(
      (weight, share) =>
        (share > 0 && variantOf(share - 1, weight) !== 'canary') ||
        (share < BUCKET_COUNT && variantOf(share, weight) !== 'baseline'),
    )
    expect(wrong).toEqual([])
  })

  it('counts to that share bucket by bucket, at whole percents and where the plain product is wrong', () => {
    const buckets = Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucket)
    const hard = Array.from(WEIGHTS.keys()).filter(
      (hundredths) => hundredths % 100 === 0 || hundredths < WEIGHTS[hundredths]! * 100,
    )
    expect(hard.length).toBe(674) // 101 whole percents, none of them among the 573
    expect(hard.map((share) => buckets.filter((bucket) => variantOf(bucket, share / 100) === 'canary').length)).toEqual(
      hard,
    )
  })

  it('only ever adds buckets when the weight rises, and the lower bucket goes first', () => {
    const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100)
    const bucket = fc.integer({ min: 0, max: 9_999 })
    fc.assert(
      fc.property(bucket, bucket, percent, percent, (one, other, some, more) => {
        const [low, high] = some < more ? [some, more] : [more, some]
        if (variantOf(one, low) === 'canary') expect(variantOf(one, high)).toBe('canary')
        if (variantOf(Math.max(one, other), low) === 'canary') {
          expect(variantOf(Math.min(one, other), low)).toBe('canary')
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
