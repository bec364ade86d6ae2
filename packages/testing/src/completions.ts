import type { Flight } from '@model-canary/core/adapter'
import type { SimulatedCall } from './behaviour.js'

/** A flight in progress whose end is known. */
interface Completion {
  readonly dueMs: number
  /** How many were added before. This decides between two that are due at the same time. */
  readonly order: number
  readonly flight: Flight
  readonly call: SimulatedCall
}

/** The flights in progress in the order in which they will end. Ties keep the order in which they began. */
export interface Completions {
  /** When the earliest of them ends, on the clock's `elapsed` scale; `Infinity` without one. */
  readonly nextDueMs: number
  /** Ignores a call that never ends: its flight stays open. */
  add(dueMs: number, flight: Flight, call: SimulatedCall): void
  /** Ends the earliest flight. */
  endNext(): void
}

/** Creates an empty binary heap, because a slow service with heavy traffic has thousands of flights in progress. */
export function createCompletions(): Completions {
  const heap: Completion[] = []
  let added = 0

  return {
    get nextDueMs() {
      return heap.length === 0 ? Number.POSITIVE_INFINITY : heap[0]!.dueMs
    },
    add(dueMs, flight, call) {
      if (dueMs < Number.POSITIVE_INFINITY) rise(heap, { dueMs, order: added++, flight, call })
    },
    endNext() {
      const first = heap[0]
      const last = heap.pop()
      if (first === undefined || last === undefined) return
      if (first !== last) sink(heap, last)
      first.flight.end(first.call)
    },
  }
}

const isBefore = (a: Completion, b: Completion): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)

/** Puts an entry at the end and moves it up past every parent that comes after it. */
function rise(heap: Completion[], entry: Completion): void {
  let at = heap.length
  heap.push(entry)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(entry, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = entry
}

/** Puts an entry in the place of the first and moves it down past every child that comes before it. */
function sink(heap: Completion[], entry: Completion): void {
  const { length } = heap
  let at = 0
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
    if (!isBefore(heap[child]!, entry)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = entry
}
