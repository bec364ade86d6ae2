import type { Clock } from '../runtime/clock.js'

/** Time that counts as watched: between two looks at most twice what lay between the two before, or twice the interval. */
export interface WatchedTime {
  /** Watched time so far, in milliseconds. It stands still in a process that is stopped. */
  now(): number
  /** A look is made. Returns the time since the one before, in milliseconds. */
  look(): number
  /** Goes on after a look that another process made so long ago, and the distance of that one to the look before it. */
  resume(awayMs: number, distanceMs: number): void
  /** Nothing is known of looks before this moment. */
  begin(): void
}

/** Makes watched time that begins now. */
export function createWatchedTime(clock: Clock, intervalMs: number): WatchedTime {
  let total = 0
  let lookedAt = clock.elapsed()
  let distanceMs = 0

  const now = (): number => total + Math.min(clock.elapsed() - lookedAt, 2 * Math.max(intervalMs, distanceMs))
  const restart = (distance: number): void => {
    total = now()
    lookedAt = clock.elapsed()
    distanceMs = distance
  }

  return {
    now,
    look() {
      restart(clock.elapsed() - lookedAt)
      return distanceMs
    },
    resume(awayMs, distance) {
      restart(distance)
      lookedAt -= awayMs
    },
    begin: () => restart(0),
  }
}
