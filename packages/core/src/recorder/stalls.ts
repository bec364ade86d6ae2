import type { Writable } from '../foundation/writable.js'

/** Measures stalls: the process was stopped or asleep, or its event loop blocked. Time is always an argument. */
export interface Stalls {
  /** Total stall time, in whole milliseconds. */
  readonly totalMs: number
  /** Must be called every `pulseMs`. A late call indicates a stall. */
  pulse(at: number): void
  /** Returns how much of the time from `since` to `at` is a stall that is not in `totalMs` yet. */
  underWayMs(at: number, since: number): number
  /**
   * Starts pulses at the beginning of this call; the time before was not watched.
   * The time stays in `call`: a number argument might be allocated on the heap.
   */
  resume(call: { readonly startedAt: number }): void
}

/** A pulse that is late by less than this, in milliseconds, does not count as a stall. */
const TOLERANCE_MS = 50

/** Creates a record of stalls. */
export function createStalls(pulseMs: number): Stalls {
  const lastAt = new Float64Array([Number.NaN]) // a variable would allocate a number on the heap each time

  const lateMs = (at: number): number => {
    const late = at - lastAt[0]! - pulseMs
    return late > TOLERANCE_MS ? Math.round(late) : 0 // also if there was no pulse yet
  }

  const stalls: Writable<Stalls> = {
    totalMs: 0,
    pulse(at) {
      stalls.totalMs += lateMs(at)
      lastAt[0] = at
    },
    underWayMs: (at, since) => Math.min(lateMs(at), Math.max(0, Math.round(at - since))),
    resume(call) {
      lastAt[0] = call.startedAt
    },
  }
  return stalls
}
