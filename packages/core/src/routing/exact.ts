import type { Strategy } from './strategy.js'

/** A whole request, in hundredths of a percent. */
const WHOLE = 10_000

/**
 * Sends exactly the weight's share to the canary: 10 of every 100 requests at weight 10.
 *
 * Each request adds the weight to a sum that is carried over; whenever the sum reaches a whole,
 * one request goes to the canary. In integers, so that nothing drifts: after any number of requests
 * the canary's count is its exact share, rounded, also across changes of the weight.
 *
 * The canary's requests are spaced as evenly as they can be. A client whose calls come in a period
 * of their own can fall into step with that: at weight 10, a page that makes ten calls sends always
 * the same one to the canary. Where that can happen, take `randomStrategy`. The count is kept by
 * each process and is not sticky.
 *
 * @example
 * const strategy = exactStrategy()
 * strategy.pick({}, 50) // 'canary', then 'baseline', then 'canary', …
 */
export function exactStrategy(): Strategy {
  let sum = WHOLE / 2 // starting half way rounds the count to the nearest instead of down
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
