import { LONGEST_NAME } from '../foundation/options.js'

/** Numbers the first names that come by, up to a bound, so that counts can live in an array. */
export interface NameTable {
  /** How many names have a place. Its number is also the slot of every name without one. */
  readonly capacity: number
  /** The names by slot. */
  readonly names: readonly string[]
  /** Whether a name was turned away since the table was made or last emptied. */
  readonly overflowed: boolean
  /** The memory of the names at their fullest, in bytes: two for a UTF-16 unit. */
  readonly byteLength: number
  /** The slot of a name, which takes the next free one if it is new; `capacity` if none is left. */
  slotOf(name: string): number
  /**
   * Keeps only the names in these slots, in this order, and lets later ones in again.
   * Answers with the new slot of each old one: `capacity` for the names that were dropped.
   */
  keep(slots: readonly number[]): readonly number[]
}

/** An empty table, or one in which some names have their place from the start. */
export function createNameTable(capacity: number, initial: readonly string[] = []): NameTable {
  const slots = new Map<string, number>() // a Map: names may be `__proto__`
  let names: string[] = []
  let overflowed = false

  function add(name: string): number {
    slots.set(name, names.length)
    return names.push(name) - 1
  }
  for (const name of initial) if (!slots.has(name)) add(name)

  return {
    capacity,
    byteLength: capacity * LONGEST_NAME * 2,
    get names() {
      return names
    },
    get overflowed() {
      return overflowed
    },
    slotOf(name) {
      const slot = slots.get(name)
      if (slot !== undefined) return slot
      if (names.length < capacity) return add(detached(name))
      overflowed = true
      return capacity
    },
    keep(kept) {
      const slotAfter = Array.from({ length: capacity + 1 }, () => capacity)
      const keptNames = kept.map((slot) => names[slot]!)
      for (const [after, slot] of kept.entries()) slotAfter[slot] = after
      names = []
      overflowed = false
      slots.clear()
      for (const name of keptNames) add(name)
      return slotAfter
    },
  }
}

/** A text cut to the longest name, never through the middle of a surrogate pair. */
export function capped(text: string): string {
  if (text.length <= LONGEST_NAME) return text
  const last = text.charCodeAt(LONGEST_NAME - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST_NAME - 1 : LONGEST_NAME)
}

/** A copy that does not keep the text alive which it was cut from, as a slice would. */
function detached(name: string): string {
  return String.fromCharCode(...Array.from({ length: name.length }, (_, index) => name.charCodeAt(index)))
}
