import { createReadable } from './readable-request.js'
import { checkedBucket, checkedVariant, type Route } from './route.js'
import type { RoutingInput } from './strategy.js'

/**
 * Returns the bucket of a request while the split is inactive; `undefined` if the request has none, if an override
 * would force it, or if the strategy has no buckets. Never throws.
 */
export type IdleBucket = (request: RoutingInput, route: Route) => number | undefined

/**
 * Creates the function. `report` gets the first failure of each route: a failure costs the request nothing, and every
 * request may fail in the same way. An invalid key is not told before it matters.
 */
export function createIdleBucket(report: (failure: unknown, strategy: string) => void): IdleBucket {
  const readable = createReadable(undefined)
  let reported: Route | undefined

  return (request, route) => {
    const { buckets, overrides, name } = route
    if (buckets === undefined) return undefined
    try {
      const read = readable(request, 'key')
      for (const override of overrides) {
        const forced = override.forced(read)
        if (forced === undefined) continue
        checkedVariant(forced)
        return undefined
      }
      const bucket = buckets.bucketOf(read)
      return bucket === undefined ? undefined : checkedBucket(bucket)
    } catch (failure) {
      if (reported !== route) report(failure, name)
      reported = route
      return undefined
    }
  }
}
