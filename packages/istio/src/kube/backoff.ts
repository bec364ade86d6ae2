/** How long the pauses between tries are. */
export interface Backoff {
  /** The bound of the first pause, in milliseconds; doubles with every further failure. */
  readonly firstMs: number
  /** No bound is above this one, in milliseconds. */
  readonly longestMs: number
}

/** Between the tries of one call: somebody waits for it. */
export const CALL_BACKOFF: Backoff = { firstMs: 200, longestMs: 5_000 }

/** Between the connections of a watch: nobody waits, and it never gives up. */
export const WATCH_BACKOFF: Backoff = { firstMs: 200, longestMs: 30_000 }

/**
 * Draws a pause anywhere below the bound ("full jitter"), in milliseconds.
 * Many clients that failed at the same moment do not come back at the same moment.
 */
export function pauseMs({ firstMs, longestMs }: Backoff, failures: number, random: () => number): number {
  return random() * Math.min(firstMs * 2 ** failures, longestMs)
}
