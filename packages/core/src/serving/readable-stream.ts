import type { StreamObserver } from './stream.js'

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
    return stream
  }
  const isByteStream = readsBytes(stream)
  const reader = stream.getReader()
  const source = {
    async pull(controller: {
      enqueue(chunk: never): void
      close(): void
      byobRequest?: { respond(bytes: number): void } | null
    }) {
      try {
        const { done, value } = await reader.read()
        if (!done) {
          observer.firstChunk()
          return controller.enqueue(value as never)
        }
        observer.ended()
        controller.close()
        controller.byobRequest?.respond(0)
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
  return watched as ReadableStream<Chunk>
}

function readsBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
