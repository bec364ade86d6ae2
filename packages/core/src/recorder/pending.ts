import type { Variant } from '../foundation/vocabulary.js'
import { binOf, type SparseBins } from '../summaries/histogram.js'

/** A flight as a link of the list of flights under way. Make it with both links `null`. */
export interface PendingEntry {
  readonly variant: Variant
  /** When the call began, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** What became of the caller's wait for the first output; `undefined` while it lasts. */
  answer?: 'given' | 'overdue' | undefined
  /** Since when nobody has asked for output, on the same scale; `undefined` while somebody does. */
  parkedAt?: number | undefined
  /** Time for which nobody asked for output before that, in whole milliseconds. */
  parkedMs?: number
  /** Kept by the recorder: for how long the process had stood still when the call began, in whole milliseconds. */
  stalledBefore?: number
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
  /** Whether an entry is in the list. */
  holds(entry: Entry): boolean
  /** Takes an entry out; `false` if it was not in the list. */
  remove(entry: Entry): boolean
  /** Visits the entries that began before `startedBefore`, oldest first. The visit may remove the entry it is given. */
  visit(startedBefore: number, each: (entry: Entry) => void): void
  /** The ages of the entries in microseconds, as a histogram; `ageMs` says how old an entry is. */
  agesUs(ageMs: (entry: Entry) => number, filter?: (entry: Entry) => boolean): SparseBins
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
    holds: (entry) => entry.next !== null,
    remove(entry) {
      const { previous, next } = entry
      if (!previous || !next) return false
      previous.next = next
      next.previous = previous
      entry.previous = entry.next = null
      size--
      return true
    },
    visit(startedBefore, each) {
      for (let entry = ends.next!; entry !== ends && entry.startedAt < startedBefore; ) {
        const { next } = entry
        each(entry as Entry)
        entry = next!
      }
    },
    agesUs(ageMs, filter = () => true) {
      if (size === 0) return []
      const counts = new Map<number, number>()
      for (let entry = ends.next!; entry !== ends; entry = entry.next!) {
        if (!filter(entry as Entry)) continue
        const bin = binOf(ageMs(entry as Entry) * 1000)
        counts.set(bin, (counts.get(bin) ?? 0) + 1)
      }
      return [...counts].sort(([a], [b]) => a - b)
    },
  }
}
