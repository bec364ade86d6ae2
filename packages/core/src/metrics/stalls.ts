/** How long this process stood still: stopped, asleep, or with its event loop blocked. Time is always an argument. */
export interface Stalls {
  /** In whole milliseconds, so far. */
  readonly totalMs: number
  /** Is to be called every `pulseMs`. A call that comes later tells of a stall. */
  pulse(at: number): void
  /** How much of the time from `since` to `at` belongs to a stall that no pulse has told of yet. */
  underWayMs(at: number, since: number): number
  /** The next pulse is expected from `at` on; the time before was not watched. */
  resume(at: number): void
}

/** A pulse that is late by less than this is not worth noting, in milliseconds. */
const TOLERANCE_MS = 50

/** Makes a record of stalls. */
export function createStalls(pulseMs: number): Stalls {
  let totalMs = 0
  let lastAt: number | undefined

  const lateMs = (at: number): number => {
    const late = lastAt === undefined ? 0 : at - lastAt - pulseMs
    return late > TOLERANCE_MS ? Math.round(late) : 0
  }

  return {
    get totalMs() {
      return totalMs
    },
    pulse(at) {
      totalMs += lateMs(at)
      lastAt = at
    },
    underWayMs: (at, since) => Math.min(lateMs(at), Math.max(0, Math.round(at - since))),
    resume(at) {
      lastAt = at
    },
  }
}
