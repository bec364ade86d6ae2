/** The callers that were counted: each at most once for accepted calls, and once for rejected calls. */
export interface Callers {
  readonly byteLength: number
  /** Returns whether a caller counts now. `hash` is that of the routing key; a call without a key always counts. */
  isNew(hash: number | undefined, isRejected: boolean): boolean
  /** Forgets all callers. */
  clear(): void
}

/** The number of callers that can be distinguished; if two share a place, only the first counts. */
const PLACES = 2 ** 11

/** Spreads a hash over the places; the golden ratio's fraction in 32 bits (Knuth, TAOCP 3, 6.4). */
const placeOf = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> 21

/** Creates an empty set in fixed memory. Keys are not kept. */
export function createCallers(): Callers {
  const taken = new Uint8Array(PLACES / 8)
  const rejected = new Uint8Array(PLACES / 8)

  return {
    byteLength: taken.byteLength + rejected.byteLength,
    isNew(hash, isRejected) {
      if (hash === undefined) return true
      const bits = isRejected ? rejected : taken
      const place = placeOf(hash)
      const bit = 1 << (place & 7)
      if ((bits[place >> 3]! & bit) !== 0) return false
      bits[place >> 3]! |= bit
      return true
    },
    clear() {
      taken.fill(0)
      rejected.fill(0)
    },
  }
}
