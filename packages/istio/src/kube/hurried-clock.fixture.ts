import { type Clock, systemClock } from '@model-canary/core'

/** A clock on which every pause is over at once, and remembered. */
export interface HurriedClock extends Clock {
  /** The pauses so far, in milliseconds. */
  readonly pauses: readonly number[]
}

/**
 * Makes the clock; its monotonic time stands still, however busy the machine is.
 * What is a minute or longer is a time limit, not a pause, and never comes.
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
