import type { Writable } from '../foundation/writable.js'

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

/** Creates an empty set. Keys are not kept. Memory is taken for the first call with a key, and then fixed. */
export function createCallers(): Callers {
  let bits: Uint8Array | undefined // of all callers, then of the rejected ones

  const open = (): Uint8Array => {
    bits = new Uint8Array(PLACES / 4)
    callers.byteLength = bits.byteLength
    return bits
  }

  const callers: Writable<Callers> = {
    byteLength: 0,
    isNew(hash, isRejected) {
      if (hash === undefined) return true
      const taken = bits ?? open()
      const place = placeOf(hash) + (isRejected ? PLACES : 0)
      const bit = 1 << (place & 7)
      if ((taken[place >> 3]! & bit) !== 0) return false
      taken[place >> 3]! |= bit
      return true
    },
    clear: () => void bits?.fill(0),
  }
  return callers
}
