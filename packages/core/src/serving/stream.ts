import { observeAsyncIterable, releaseAsyncIterable } from './async-iterable.js'
import { isNodeStream, observeNodeStream, releaseNodeStream } from './node-stream.js'
import { isWebStream, observeReadableStream } from './readable-stream.js'
import type { StreamObserver } from './stream-observer.js'

/** Tells a stream of any kind from every other value. */
export function isStream(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && (isNodeStream(value) || isWebStream(value) || isAsyncIterable(value))
  )
}

/**
 * Watches a stream to its end, and gives back what the caller is to get: the same object where it can
 * be watched in place. `undefined` where the value is no stream.
 */
export function observeStream(value: unknown, observer: StreamObserver): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (isNodeStream(value)) return observeNodeStream(value, observer)
  if (isWebStream(value)) return observeReadableStream(value, observer)
  if (isAsyncIterable(value)) return observeAsyncIterable(value, observer)
  return undefined
}

/** Lets go of a stream that came too late for anybody to read. Never throws. */
export function releaseStream(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  try {
    if (isNodeStream(value)) releaseNodeStream(value)
    else if (isWebStream(value)) value.cancel().catch(() => {})
    else if (isAsyncIterable(value)) releaseAsyncIterable(value)
  } catch {}
}

const isAsyncIterable = (value: object): value is AsyncIterable<unknown> =>
  Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function'
