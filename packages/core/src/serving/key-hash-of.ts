import { keyTextOf } from '../routing/key.js'
import type { RoutingInput } from '../routing/strategy.js'
import { hashOfKey } from '../summaries/clusters.js'

/** Returns the hash of a request's key; `undefined` without a key, or if it cannot be read. */
export function keyHashOf(request: RoutingInput | undefined): number | undefined {
  try {
    const key = keyTextOf(request?.key)
    return key === undefined ? undefined : hashOfKey(key)
  } catch {
    return undefined // the router has reported it
  }
}
