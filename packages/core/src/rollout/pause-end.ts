import type { PausedState } from './state.js'

/** Returns whether a pause is over. A pause that an earlier release stored without an end lasts until `resume`. */
export function isPauseOver({ pause }: PausedState, at: number): boolean {
  const untilMs = pause.untilMs ?? null
  return untilMs !== null && at >= untilMs
}

/** Returns the later of two ends of a pause. `null` means that it does not end by itself, and outlasts any other. */
export function laterEnd(one: number | null | undefined, other: number): number | null {
  return one === null || one === undefined ? null : Math.max(one, other)
}

/** The longest pause, in milliseconds: a year. A larger number is probably a mistake in the unit. */
export const LONGEST_PAUSE_MS = 365 * 86_400_000
