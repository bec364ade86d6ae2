import { LONGEST_NAME } from '../foundation/options.js'

/** Assigns slots to the first names that occur, up to a bound, so that counts can be kept in an array. */
export interface NameTable {
  /** The maximum number of names. It is also the slot of all further names. */
  readonly capacity: number
  /** The names by slot. */
  readonly names: readonly string[]
  /** The slots in the ascending order of their names. */
  readonly rising: readonly number[]
  /** Whether a name did not fit since the table was created or last reduced. */
  readonly overflowed: boolean
  /** The maximum memory of the names, in bytes: two for a UTF-16 unit. */
  readonly byteLength: number
  /** Returns the slot of a name. A new name gets the next free slot; `capacity` if the table is full. */
  slotOf(name: string): number
  /**
   * Keeps only the names in these slots, in this order, which makes room for new names.
   * Returns the new slot for each old slot: `capacity` for dropped names.
   */
  keep(slots: readonly number[]): readonly number[]
}

/** Creates a table, optionally with initial names. */
export function createNameTable(capacity: number, initial: readonly string[] = []): NameTable {
  const slots = new Map<string, number>() // a Map: names may be `__proto__`
  function add(name: string): number {
    const { names, rising } = table
    const slot = names.push(name) - 1
    slots.set(name, slot)
    const after = rising.findIndex((other) => names[other]! > name)
    rising.splice(after < 0 ? slot : after, 0, slot)
    return slot
  }

  const table: NameTable & { names: string[]; rising: number[]; overflowed: boolean } = {
    capacity,
    byteLength: capacity * LONGEST_NAME * 2,
    names: [],
    rising: [],
    overflowed: false,
    slotOf(name) {
      const slot = slots.get(name)
      if (slot !== undefined) return slot
      if (table.names.length < capacity) return add(detached(name))
      table.overflowed = true
      return capacity
    },
    keep(kept) {
      const slotAfter = Array.from({ length: capacity + 1 }, () => capacity)
      const keptNames = kept.map((slot) => table.names[slot]!)
      for (const [after, slot] of kept.entries()) slotAfter[slot] = after
      table.names = []
      table.rising = []
      table.overflowed = false
      slots.clear()
      for (const name of keptNames) add(name)
      return slotAfter
    },
  }
  for (const name of initial) if (!slots.has(name)) add(name)
  return table
}

/** Cuts a text to the maximum length of a name, never within a surrogate pair. */
export function capped(text: string): string {
  if (text.length <= LONGEST_NAME) return text
  const last = text.charCodeAt(LONGEST_NAME - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST_NAME - 1 : LONGEST_NAME)
}

/** Returns a copy that, unlike a slice, does not keep the original text in memory. */
function detached(name: string): string {
  return String.fromCharCode(...Array.from({ length: name.length }, (_, index) => name.charCodeAt(index)))
}
