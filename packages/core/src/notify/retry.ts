/** The pause before the first further try is at most this long, in milliseconds; it doubles with every try. */
const FIRST_PAUSE_MS = 1_000

/** The longest pause of our own choosing, in milliseconds. */
const LONGEST_PAUSE_MS = 30_000

/** The longest pause that a receiver can ask for, in milliseconds. */
const LONGEST_RETRY_AFTER_MS = 60_000

/** Whether the same message may be taken later: the receiver was late, busy, or broken. */
export function isWorthAnotherTry(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/**
 * How long to wait before another try, in milliseconds: exponential backoff with full jitter.
 * So many senders do not come back together. It is at least what the receiver asked for, within bounds.
 * `chance` is a uniform number from 0 up to, not including, 1.
 *
 * Brooker (2015), Exponential Backoff and Jitter, AWS Architecture Blog: "full jitter".
 */
export function pauseBeforeTry(failures: number, chance: number, retryAfterMs = 0): number {
  const longestMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
  const share = chance >= 0 && chance < 1 ? chance : 0.5
  return Math.max(share * longestMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS))
}

/** What a `retry-after` header asks for, in milliseconds from `now`; 0 where it says nothing. */
export function readRetryAfter(value: string | null, now: number): number {
  if (value === null || value.length > 64) return 0
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}
