import type { StreamObserver } from './stream-observer.js'

/** Tells a web stream, also one of another realm or of a polyfill. */
export const isWebStream = (value: object): value is ReadableStream =>
  value instanceof ReadableStream ||
  ('getReader' in value && 'cancel' in value && 'locked' in value && typeof value.getReader === 'function')

/** What was given out for a stream: a model may return the same one again. */
const given = new WeakMap<ReadableStream, ReadableStream>()

/**
 * Watches a web stream by reading it on demand: nothing is read ahead, so backpressure reaches the
 * source, and a cancellation does too. A byte stream stays one.
 */
export function observeReadableStream<Chunk>(
  stream: ReadableStream<Chunk>,
  observer: StreamObserver,
): ReadableStream<Chunk> {
  if (stream.locked) {
    observer.ended() // somebody reads it already: the call is counted, its stream is not
    return given.get(stream) ?? stream
  }
  const isByteStream = readsBytes(stream)
  const reader = stream.getReader()
  const source = {
    async pull(controller: ReadableStreamDefaultController<never> | ReadableByteStreamController) {
      try {
        const { done, value } = await reader.read()
        if (!done) {
          observer.firstChunk()
          return controller.enqueue(value as never)
        }
        observer.ended()
        controller.close()
        if ('byobRequest' in controller) controller.byobRequest?.respond(0)
      } catch (error) {
        observer.failed(error)
        throw error
      }
    },
    cancel(reason: unknown) {
      observer.abandoned()
      return reader.cancel(reason)
    },
  }
  const watched = isByteStream
    ? new ReadableStream({ type: 'bytes', ...source })
    : new ReadableStream(source, { highWaterMark: 0 })
  given.set(stream, watched)
  return watched as ReadableStream<Chunk>
}

/** Tells a byte stream, which must not be locked. */
export function readsBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
