import { layersOf } from './override.js'
import { hasBuckets } from './route.js'
import type { Strategy } from './strategy.js'

/** A longer identity is not stored, in UTF-16 units. */
const LONGEST = 512

/**
 * Returns a text that is the same for two strategies if they put each key into the same bucket; `undefined` if that
 * cannot be known, because the strategy has no buckets or does not tell its salt. Overrides do not count, because the
 * requests that they force have no bucket.
 *
 * @throws `INVALID_STRATEGY` if a layer does not have the shape of a strategy
 */
export function splitIdentityOf(strategy: Strategy): string | undefined {
  const { innermost } = layersOf(strategy)
  if (!hasBuckets(innermost) || typeof innermost.salt !== 'string') return undefined
  const identity = JSON.stringify([innermost.name, innermost.salt])
  return identity.length <= LONGEST ? identity : undefined
}
