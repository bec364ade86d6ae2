/** Which callers have been counted: each at most once for calls that were taken, and once for calls that were rejected. */
export interface Callers {
  readonly byteLength: number
  /** Whether a caller counts now; `hash` is that of the routing key, `undefined` for a call without one, which always counts. */
  isNew(hash: number | undefined, isRejected: boolean): boolean
  /** Forgets all callers. */
  clear(): void
}

/** How many callers can be told apart; of two that share a place only the first counts. */
const PLACES = 2 ** 11

/** Spreads a hash over the places; the golden ratio's fraction in 32 bits (Knuth, TAOCP 3, 6.4). */
const placeOf = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> 21

/** Makes an empty set, in fixed memory. No key is kept. */
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
