/** The lengths of the pauses between attempts, in milliseconds. */
export interface BackOff {
  /** The upper bound of the first pause; it doubles with every further failure. */
  readonly firstMs: number
  /** The largest upper bound. */
  readonly longestMs: number
}

/**
 * Returns how long to wait before the next attempt, in milliseconds: exponential back-off with full jitter.
 * Jitter keeps clients that failed together from retrying in lockstep. The pause is never shorter than half of the
 * first bound, which limits the rate, nor than `askedMs`, the pause that the other side asked for.
 *
 * @param failures attempts that failed since the last success, before this one: 0 is the first pause
 * @param random returns a uniform number from 0 (inclusive) to 1 (exclusive); any other value counts as one half
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
