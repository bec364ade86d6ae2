/** How many bits the number of a place has. */
const PLACE_BITS = 11

/** How many keys are remembered. */
export const PLACES = 2 ** PLACE_BITS

/** The longest key that is remembered, in words of four bytes: a UUID has nine. */
const MOST_WORDS = 10

/** The buckets of recent keys, in fixed memory: 86 KiB. */
export interface RememberedBuckets {
  /**
   * Returns the bucket of the key in the bytes from `start`, a multiple of four, to `end`: that of `hash(end)`, which
   * is called only if the key is not remembered. Overwrites up to three bytes after the key.
   */
  bucketOf(start: number, end: number, hash: (end: number) => number): number
  /** Forgets all keys. */
  forget(): void
}

/**
 * Remembers the buckets of recent keys, because users come back and MD5 takes longer than the rest of a decision.
 * Each key has one place, and replaces the key that was there.
 *
 * Keeps the bytes of keys, not their strings: a string may be a part of a much longer one, such as a request's body,
 * which would then stay in memory.
 */
export function rememberBuckets(bytes: Uint8Array): RememberedBuckets {
  const words = new Uint32Array(bytes.buffer)
  const keys = new Uint32Array(PLACES * MOST_WORDS)
  const lengths = new Uint8Array(PLACES) // in bytes, plus one: 0 means that the place is empty
  const buckets = new Uint16Array(PLACES)

  const isHeld = (at: number, from: number, count: number): boolean => {
    for (let index = 0; index < count; index++) if (keys[at + index] !== words[from + index]) return false
    return true
  }

  return {
    bucketOf(start, end, hash) {
      const from = start / 4
      const count = (end - start + 3) >>> 2
      if (count > MOST_WORDS) return hash(end)
      bytes[end] = bytes[end + 1] = bytes[end + 2] = 0 // the last word may be longer than the key
      const place = placeOf(words, from, count)
      const at = place * MOST_WORDS
      const length = end - start + 1
      if (lengths[place] === length && isHeld(at, from, count)) return buckets[place]!
      const bucket = hash(end)
      for (let index = 0; index < count; index++) keys[at + index] = words[from + index]!
      lengths[place] = length
      buckets[place] = bucket
      return bucket
    },
    forget: () => void lengths.fill(0),
  }
}

/** Returns the place of a key: the high bits of a hash, which depend on each byte. */
function placeOf(words: Uint32Array, from: number, count: number): number {
  let hash = 0
  for (let at = from; at < from + count; at++) {
    hash = Math.imul(hash ^ words[at]!, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return Math.imul(hash, 0x9e3779b1) >>> (32 - PLACE_BITS)
}
