import { observeAsyncIterable } from './async-iterable.js'
import { type NodeStream, observeNodeStream } from './node-stream.js'
import { observeReadableStream } from './readable-stream.js'

/** What can happen to a stream on its way; each is told at most once, and the last three are final. */
export interface StreamObserver {
  firstChunk(): void
  ended(): void
  failed(error: unknown): void
  /** The reader left before the end. */
  abandoned(): void
}

/**
 * Watches a stream to its end, and gives back what the caller is to get: the same object where it can
 * be watched in place. `undefined` where the value is no stream.
 */
export function observeStream(value: unknown, observer: StreamObserver): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (isNodeStream(value)) return observeNodeStream(value, observer)
  if (value instanceof ReadableStream) return observeReadableStream(value, observer)
  if (Symbol.asyncIterator in value) return observeAsyncIterable(value as AsyncIterable<unknown>, observer)
  return undefined
}

const isNodeStream = (value: object): value is NodeStream =>
  'pipe' in value &&
  'read' in value &&
  'on' in value &&
  typeof value.pipe === 'function' &&
  typeof value.read === 'function'
