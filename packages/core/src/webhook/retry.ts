import type { BackOff } from '../runtime/back-off.js'

/** The pauses between the attempts to deliver a message. */
export const MESSAGE_BACK_OFF: BackOff = { firstMs: 1_000, longestMs: 30_000 }

/** The longest pause that a receiver can ask for, in milliseconds. */
export const LONGEST_RETRY_AFTER_MS = 60_000

/** Returns whether the same message may be accepted later: the receiver was late, busy or broken. */
export function isWorthAnotherTry(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}
