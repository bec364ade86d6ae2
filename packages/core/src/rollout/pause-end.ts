import type { PausedState } from './state.js'

/** Returns whether a pause is over. A pause without an end lasts until `resume`. */
export const isPauseOver = ({ pause: { untilMs } }: PausedState, at: number): boolean =>
  untilMs !== null && at >= untilMs

/** Returns the later of two ends of a pause. `null` means that it does not end by itself, and outlasts any other. */
export function laterEnd(one: number | null, other: number): number | null {
  return one === null ? null : Math.max(one, other)
}

/** The longest pause, in milliseconds: a year. A larger number is probably a mistake in the unit. */
export const LONGEST_PAUSE_MS = 365 * 86_400_000
