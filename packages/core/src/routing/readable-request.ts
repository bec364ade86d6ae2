import { checkedKeyTextOf, isNothing, keyTextOf } from './key.js'
import { ignoreRejection } from './rejections.js'
import type { RoutingInput, RoutingRequest, Strategy } from './strategy.js'

/** Returns a request as a strategy sees it: the same object, unless its key has to be converted to text. */
export type Readable = (request: RoutingInput, unit: Strategy['unit']) => RoutingRequest

/** Creates the function. It throws `INVALID_KEY`, and calls `onNoKey` once, with the first invalid value. */
export function createReadable(onNoKey: ((value: unknown) => void) | undefined): Readable {
  let hasTold = false

  const tell = (value: unknown): void => {
    if (hasTold) return
    hasTold = true
    try {
      ignoreRejection(onNoKey?.(value))
    } catch {}
  }

  return (request, unit) => {
    const { key } = request
    const text = unit === 'key' ? checkedKeyTextOf(key) : keyTextOf(key)
    if (text === key) return request as RoutingRequest
    if (text === undefined && unit === 'key' && !isNothing(key)) tell(key)
    return { ...request, key: text }
  }
}
