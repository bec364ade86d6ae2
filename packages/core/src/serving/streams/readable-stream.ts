import { observeOnce } from './audience.js'
import type { StreamObserver } from './stream-observer.js'

/** Returns whether a value is a web stream, also of another realm or a polyfill, and in hosts without web streams. */
export const isWebStream = (value: object): value is ReadableStream =>
  'getReader' in value && 'cancel' in value && 'locked' in value && typeof value.getReader === 'function'

/** What was returned for a stream, and how it ended, since a model may return the same stream again. */
interface Given {
  readonly watched: ReadableStream
  end?: (observer: StreamObserver) => void
}

const given = new WeakMap<ReadableStream, Given>()

/**
 * Watches a web stream by reading it on demand: nothing is read ahead, so that backpressure and cancellation
 * reach the source. A byte stream stays a byte stream.
 */
export function observeReadableStream<Chunk>(
  stream: ReadableStream<Chunk>,
  observer: StreamObserver,
): ReadableStream<Chunk> {
  const before = given.get(stream)
  if (before === undefined && stream.locked) {
    observer.unseen() // it already has a reader
    return stream
  }
  if (before?.end !== undefined) before.end(observer)
  else observeOnce(stream, observer, ({ everybody }) => watch(stream, everybody))
  return (given.get(stream)?.watched ?? stream) as ReadableStream<Chunk>
}

function watch(stream: ReadableStream, observer: StreamObserver): void {
  observer.parked(true)
  const isByteStream = readsBytes(stream)
  const reader = stream.getReader()
  const finish = (end: (observer: StreamObserver) => void): void => {
    entry.end = end
    end(observer)
  }
  const source = {
    async pull(controller: ReadableStreamDefaultController<never> | ReadableByteStreamController) {
      observer.parked(false)
      try {
        const { done, value } = await reader.read()
        observer.parked(true)
        if (!done) {
          observer.chunk()
          return controller.enqueue(value as never)
        }
        finish((each) => each.ended())
        controller.close()
        if ('byobRequest' in controller) controller.byobRequest?.respond(0)
      } catch (error) {
        finish((each) => each.failed(error))
        throw error
      }
    },
    cancel(reason: unknown) {
      finish((each) => each.abandoned())
      return reader.cancel(reason)
    },
  }
  const watched = isByteStream
    ? new ReadableStream({ type: 'bytes', ...source })
    : new ReadableStream(source, { highWaterMark: 0 })
  const entry: Given = { watched }
  given.set(stream, entry)
}

/** Returns whether an unlocked stream is a byte stream. */
export function readsBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
