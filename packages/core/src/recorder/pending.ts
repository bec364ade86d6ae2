import type { Variant } from '../foundation/vocabulary.js'
import type { Writable } from '../foundation/writable.js'
import { binOf, type SparseBins } from '../summaries/histogram.js'

/** A flight as an entry of the list of pending flights. Create it with both links `null`. */
export interface PendingEntry {
  /** The variant that serves the call. */
  readonly variant: Variant
  /** When the call began, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** How the wait for the first output ended; `undefined` while it lasts. */
  answer?: 'given' | 'overdue' | undefined
  /** Since when no output has been requested, on the same scale; `undefined` while it is. */
  parkedAt?: number | undefined
  /** Earlier time in which no output was requested, in whole milliseconds. */
  parkedMs?: number
  /** Set by the recorder: total stall time of the process when the call began, in whole milliseconds. */
  stalledBefore?: number
  /** Set by the recorder: whether the call is left out of the comparison, because a heavy user makes it. */
  isLeftOut?: boolean
  /** Set by the list; `null` while the entry is not in a list. */
  previous: PendingEntry | null
  /** Set by the list; `null` while the entry is not in a list. */
  next: PendingEntry | null
}

/** The pending flights, in the order in which they began. Adding and removing allocates nothing. */
export interface Pending<Entry extends PendingEntry = PendingEntry> {
  readonly size: number
  /** Appends an entry; returns `false` if it is already in a list, where it stays. */
  add(entry: Entry): boolean
  /** Returns whether an entry is in the list. */
  holds(entry: Entry): boolean
  /** Removes an entry; returns `false` if it was not in the list. */
  remove(entry: Entry): boolean
  /** Visits the entries that began before `startedBefore`, oldest first. `each` may remove its entry. */
  visit(startedBefore: number, each: (entry: Entry) => void): void
  /** Returns a histogram of the ages in microseconds; `ageMs` returns the age of an entry. */
  agesUs(ageMs: (entry: Entry) => number, filter?: (entry: Entry) => boolean): SparseBins
}

/** Creates an empty list: doubly linked through the entries themselves, and closed to a ring by `ends`. */
export function createPending<Entry extends PendingEntry>(): Pending<Entry> {
  const ends: PendingEntry = { variant: 'baseline', startedAt: 0, previous: null, next: null }
  ends.previous = ends.next = ends

  const pending: Writable<Pending<Entry>> = {
    size: 0,
    add(entry) {
      if (entry.next) return false
      const last = ends.previous!
      entry.previous = last
      entry.next = ends
      last.next = ends.previous = entry
      pending.size++
      return true
    },
    holds: (entry) => entry.next !== null,
    remove(entry) {
      const { previous, next } = entry
      if (!previous || !next) return false
      previous.next = next
      next.previous = previous
      entry.previous = entry.next = null
      pending.size--
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
      if (pending.size === 0) return []
      const counts = new Map<number, number>()
      let [last, repeated] = [-1, 0] // flights that began one after the other mostly share a bin
      const keep = (): void => void counts.set(last, (counts.get(last) ?? 0) + repeated)
      for (let entry = ends.next!; entry !== ends; entry = entry.next!) {
        if (!filter(entry as Entry)) continue
        const bin = binOf(ageMs(entry as Entry) * 1000)
        if (bin !== last) {
          if (repeated > 0) keep()
          last = bin
          repeated = 0
        }
        repeated++
      }
      if (repeated > 0) keep()
      return [...counts].sort(([a], [b]) => a - b)
    },
  }
  return pending
}
