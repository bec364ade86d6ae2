import type { Clock } from '../../runtime/clock.js'

/** How often something may happen. */
export interface RateOptions {
  /** How often at once, after a pause. */
  readonly burst: number
  /** How often in the long run. */
  readonly perSecond: number
}

/**
 * Creates a function that takes one use if there is one left: it returns 0, or the time until the next one in
 * milliseconds.
 */
export function createRate(clock: Clock, { burst, perSecond }: RateOptions): () => number {
  let left = burst
  let readAt = clock.elapsed()
  return () => {
    const now = clock.elapsed()
    left = Math.min(burst, left + ((now - readAt) / 1_000) * perSecond)
    readAt = now
    if (left < 1) return ((1 - left) / perSecond) * 1_000
    left -= 1
    return 0
  }
}
