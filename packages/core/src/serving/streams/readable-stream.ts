import { observeOnce } from './audience.js'
import type { StreamObserver } from './stream-observer.js'

/** Tells a web stream, also one of another realm or of a polyfill, and where there are none. */
export const isWebStream = (value: object): value is ReadableStream =>
  'getReader' in value && 'cancel' in value && 'locked' in value && typeof value.getReader === 'function'

/** What was given out for a stream, and how it ended: a model may return the same one again. */
interface Given {
  readonly watched: ReadableStream
  end?: (observer: StreamObserver) => void
}

const given = new WeakMap<ReadableStream, Given>()

/**
 * Watches a web stream by reading it on demand: nothing is read ahead, so backpressure reaches the
 * source, and a cancellation does too. A byte stream stays one.
 */
export function observeReadableStream<Chunk>(
  stream: ReadableStream<Chunk>,
  observer: StreamObserver,
): ReadableStream<Chunk> {
  const before = given.get(stream)
  if (before === undefined && stream.locked) {
    observer.unseen() // somebody reads it already
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

/** Tells a byte stream, which must not be locked. */
export function readsBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
