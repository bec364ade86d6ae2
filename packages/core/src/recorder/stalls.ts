/** How long this process stood still: stopped, asleep, or with its event loop blocked. Time is always an argument. */
export interface Stalls {
  /** In whole milliseconds, so far. */
  readonly totalMs: number
  /** Is to be called every `pulseMs`. A call that comes later tells of a stall. */
  pulse(at: number): void
  /** How much of the time from `since` to `at` belongs to a stall that no pulse has told of yet. */
  underWayMs(at: number, since: number): number
  /**
   * Pulses come from the beginning of this call on; the time before was not watched.
   * The time stays where it is: as an argument of its own it might be put on the heap.
   */
  resume(call: { readonly startedAt: number }): void
}

/** A pulse that is late by less than this is not worth noting, in milliseconds. */
const TOLERANCE_MS = 50

/** Makes a record of stalls. */
export function createStalls(pulseMs: number): Stalls {
  let totalMs = 0
  const lastAt = new Float64Array([Number.NaN]) // a variable would hold a new number on the heap each time

  const lateMs = (at: number): number => {
    const late = at - lastAt[0]! - pulseMs
    return late > TOLERANCE_MS ? Math.round(late) : 0 // also where there was no pulse yet
  }

  return {
    get totalMs() {
      return totalMs
    },
    pulse(at) {
      totalMs += lateMs(at)
      lastAt[0] = at
    },
    underWayMs: (at, since) => Math.min(lateMs(at), Math.max(0, Math.round(at - since))),
    resume(call) {
      lastAt[0] = call.startedAt
    },
  }
}
