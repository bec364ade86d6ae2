import type { Writable } from '../foundation/writable.js'

/** The callers of a round: each counts at most once for accepted calls, and once for rejected calls. */
export interface Callers {
  readonly byteLength: number
  /** Returns whether a caller counts now. `hash` is that of the routing key; a call without a key always counts. */
  isNew(hash: number | undefined, isRejected: boolean): boolean
  /** Returns whether those that were counted have made several calls each, on average. True if none was counted. */
  isRoundOver(): boolean
  /** Begins a round: forgets all callers. */
  clear(): void
}

/** The number of callers that count in a round. Each place belongs to the first of its callers; others are left out. */
const PLACES = 2 ** 10

/** How many bits of a hash tell the callers of one place apart. */
const WHO_BITS = 14

/** Spreads a hash: the golden ratio's fraction in 32 bits (Knuth, TAOCP 3, 6.4). */
const GOLDEN = 0x9e3779b1

/** How many further calls the callers of a round make until it is over, on average. */
const FURTHER_CALLS = 3

/** What was counted of the owner of a place, in the lowest bits of its entry. An entry of 0 has no owner. */
const ACCEPTED = 1
const REJECTED = 2
const KIND_BITS = 2

/**
 * Creates an empty set. Keys are not kept. Memory is taken for the first call with a key, and then fixed.
 *
 * Accepted and rejected calls are counted of the same callers. If every caller could take a free place for either, a
 * version with more callers than places would seem to reject more.
 */
export function createCallers(): Callers {
  let places: Uint16Array | undefined
  let counted = 0
  let again = 0 // further calls of those that were counted

  const open = (): Uint16Array => {
    places = new Uint16Array(PLACES)
    callers.byteLength = places.byteLength
    return places
  }

  const callers: Writable<Callers> = {
    byteLength: 0,
    isNew(hash, isRejected) {
      if (hash === undefined) return true
      const taken = places ?? open()
      const bits = Math.imul(hash, GOLDEN)
      const place = bits >>> 22
      const who = (bits >>> (22 - WHO_BITS)) & (2 ** WHO_BITS - 1)
      const kind = isRejected ? REJECTED : ACCEPTED
      const entry = taken[place]!
      if (entry !== 0 && entry >>> KIND_BITS !== who) return false
      if ((entry & kind) !== 0) {
        again += 1
        return false
      }
      counted += 1
      taken[place] = entry | (who << KIND_BITS) | kind
      return true
    },
    isRoundOver: () => again >= FURTHER_CALLS * counted,
    clear() {
      places?.fill(0)
      counted = again = 0
    },
  }
  return callers
}

/** Begins a round for all versions once it is over for each: it has to last as long for all, so that they are alike. */
export function renewRound(versions: readonly Callers[]): void {
  if (versions.every(isOver)) for (const callers of versions) callers.clear()
}

const isOver = (callers: Callers): boolean => callers.isRoundOver()
