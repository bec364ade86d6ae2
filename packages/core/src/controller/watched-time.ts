import type { Clock } from '../runtime/clock.js'

/**
 * The time that counts as watched. Between two looks, at most twice the interval counts, or twice the time between the
 * two looks before, if that is longer.
 */
export interface WatchedTime {
  /** Watched time so far, in milliseconds. It stands still in a process that is stopped. */
  now(): number
  /** Records a look. Returns the time since the look before, in milliseconds. */
  look(): number
  /** Continues after a look that another process made; receives its age and the time between it and the look before. */
  resume(awayMs: number, distanceMs: number): void
  /** Forgets the looks before this moment. */
  begin(): void
}

/** Creates watched time that begins now. */
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
