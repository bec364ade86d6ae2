import type { Variant } from '../vocabulary.js'
import { binOf, type SparseBins } from './histogram.js'

/** A flight as a link of the list of flights under way. Make it with both links `null`. */
export interface PendingEntry {
  readonly variant: Variant
  /** When the call began, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** Kept by the list; `null` while the entry is in none. */
  previous: PendingEntry | null
  /** Kept by the list; `null` while the entry is in none. */
  next: PendingEntry | null
}

/** The flights under way, in the order in which they began. Adding and removing allocates nothing. */
export interface Pending<Entry extends PendingEntry = PendingEntry> {
  readonly size: number
  /** Adds an entry at the end; `false` if it is in a list already, where it stays. */
  add(entry: Entry): boolean
  /** Takes an entry out; `false` if it was not in the list. */
  remove(entry: Entry): boolean
  /** The age of the longest-running entry in milliseconds, or `undefined` if there is none. */
  oldestAgeMs(now: number): number | undefined
  /** The ages of the entries in microseconds, as a histogram. */
  agesUs(now: number, filter?: (entry: Entry) => boolean): SparseBins
}

/** Makes an empty list: doubly linked through the entries themselves, and closed into a ring by `ends`. */
export function createPending<Entry extends PendingEntry>(): Pending<Entry> {
  const ends: PendingEntry = { variant: 'baseline', startedAt: 0, previous: null, next: null }
  ends.previous = ends.next = ends
  let size = 0

  return {
    get size() {
      return size
    },
    add(entry) {
      if (entry.next) return false
      const last = ends.previous!
      entry.previous = last
      entry.next = ends
      last.next = ends.previous = entry
      size++
      return true
    },
    remove(entry) {
      const { previous, next } = entry
      if (!previous || !next) return false
      previous.next = next
      next.previous = previous
      entry.previous = entry.next = null
      size--
      return true
    },
    oldestAgeMs(now) {
      return size === 0 ? undefined : Math.max(0, now - ends.next!.startedAt)
    },
    agesUs(now, filter = () => true) {
      if (size === 0) return []
      const counts = new Map<number, number>()
      for (let entry = ends.next!; entry !== ends; entry = entry.next!) {
        if (!filter(entry as Entry)) continue
        const bin = binOf((now - entry.startedAt) * 1000)
        counts.set(bin, (counts.get(bin) ?? 0) + 1)
      }
      return [...counts].sort(([a], [b]) => a - b)
    },
  }
}
