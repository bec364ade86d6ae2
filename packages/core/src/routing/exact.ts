import type { Strategy } from './strategy.js'

/** A whole request, in hundredths of a percent. */
const WHOLE = 10_000

/**
 * Sends exactly the weight's share to the canary: 10 of every 100 requests at weight 10.
 *
 * Each request adds the weight to a running sum; whenever the sum reaches a whole, one request goes to
 * the canary. The sum is an integer and does not drift: after any number of requests the canary's count
 * is its exact share, rounded, even if the weight has changed in between.
 *
 * The canary's requests are spaced as evenly as possible. A client that makes calls in a fixed period
 * can fall into step with this spacing: at weight 10, a page that makes ten calls always sends the same
 * one to the canary. Use `randomStrategy` if that can happen. Each process keeps its own sum, and the
 * split is not sticky.
 *
 * @example
 * const strategy = exactStrategy()
 * strategy.pick({}, 50) // 'canary', then 'baseline', then 'canary', …
 */
export function exactStrategy(): Strategy {
  let sum = WHOLE / 2 // starting halfway rounds the count to the nearest instead of down
  return {
    name: 'exact',
    unit: 'request',
    pick(_request, weight) {
      sum += Math.round(weight * 100)
      if (sum < WHOLE) return 'baseline'
      sum -= WHOLE
      return 'canary'
    },
  }
}
