/** How long the pauses between tries are, in milliseconds. */
export interface BackOff {
  /** The bound of the first pause; it doubles with every further failure. */
  readonly firstMs: number
  /** No bound is above this one. */
  readonly longestMs: number
}

/**
 * Returns how long to wait before another try, in milliseconds: exponential back-off with full jitter.
 * Many clients that failed at the same moment do not come back at the same moment. It is never less than half of the
 * first bound, which limits the rate, nor than `askedMs`, what the other side asked for.
 *
 * @param failures tries that have failed since the last success, before this one: 0 is the first pause
 * @param random a uniform number from 0 up to, not including, 1; anything else counts as one half
 *
 * Brooker (2015), Exponential Backoff and Jitter, AWS Architecture Blog: "full jitter".
 */
export function pauseBeforeTry(
  { firstMs, longestMs }: BackOff,
  failures: number,
  random: () => number = Math.random,
  askedMs = 0,
): number {
  const boundMs = Math.min(firstMs * 2 ** failures, longestMs)
  const drawn = random()
  const share = drawn >= 0 && drawn < 1 ? drawn : 0.5
  return Math.max(share * boundMs, firstMs / 2, askedMs)
}
