import type { Variant } from '../foundation/vocabulary.js'

/** The number of buckets: one for each hundredth of a percent. */
export const BUCKET_COUNT = 10_000

/** 2¹⁶ mod 10,000: the factor for shifting a remainder by one 16-bit word. */
const WORD_SHIFT = 5_536

/** Reads a 16-byte digest as one big-endian integer and returns its remainder modulo 10,000. */
export function digestMod10000(digest: Uint8Array): number {
  let remainder = 0
  for (let at = 0; at < 16; at += 2) {
    remainder = (remainder * WORD_SHIFT + ((digest[at]! << 8) | digest[at + 1]!)) % BUCKET_COUNT
  }
  return remainder
}

/**
 * Returns the bucket 0…9999 of a digest's remainder, whose last two digits come first.
 *
 * The hundreds of the bucket are `digest % 100`, so that a weight in whole percents agrees with
 * the common `digest % 100 < percent`; the two digits after them allow steps of 0.01 %.
 */
export function toBucket(digestMod10000: number): number {
  return (digestMod10000 % 100) * 100 + Math.floor(digestMod10000 / 100)
}

/**
 * Returns the variant of a bucket at a weight in percent.
 * Monotone: raising the weight only ever adds buckets to the canary.
 *
 * The rounding is necessary: 0.07 × 100 is 7.000000000000001, and `bucket < weight * 100` would
 * misplace a bucket at 573 of the 10,001 legal weights.
 */
export function variantOf(bucket: number, weight: number): Variant {
  return bucket < Math.round(weight * 100) ? 'canary' : 'baseline'
}
