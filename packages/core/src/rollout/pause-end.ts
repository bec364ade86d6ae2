import type { PausedState } from './state.js'

/** Whether a pause has reached its end. One that an earlier release stored, without an end of this form, waits for `resume`. */
export function isPauseOver({ pause }: PausedState, at: number): boolean {
  const untilMs = pause.untilMs ?? null
  return untilMs !== null && at >= untilMs
}

/** The later of two ends of a pause; none is the latest. */
export function laterEnd(one: number | null | undefined, other: number): number | null {
  return one === null || one === undefined ? null : Math.max(one, other)
}

/** The longest that a pause may be asked for, in milliseconds: a year. Beyond it, the number is hardly meant in milliseconds. */
export const LONGEST_PAUSE_MS = 365 * 86_400_000
