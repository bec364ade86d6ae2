import { type Clock, systemClock } from '@model-canary/core'

/** A clock on which every pause ends immediately, and is recorded. */
export interface HurriedClock extends Clock {
  /** The pauses so far, in milliseconds. */
  readonly pauses: readonly number[]
}

/**
 * Creates the clock. Its monotonic time stands still, however busy the machine is.
 * A task that is due in a minute or later is a time limit, not a pause, and never runs.
 */
export function hurriedClock(): HurriedClock {
  const pauses: number[] = []
  return {
    now: systemClock.now,
    elapsed: () => 0,
    pauses,
    schedule(delayMs, task) {
      if (delayMs >= 60_000) return () => {}
      pauses.push(delayMs)
      const turn = setImmediate(task)
      return () => clearImmediate(turn)
    },
  }
}
