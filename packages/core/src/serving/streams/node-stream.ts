import { observeOnce } from './audience.js'
import type { NodeStream } from './node-readable.js'
import { watchReaders } from './node-readers.js'
import { override } from './override-member.js'
import type { StreamObserver } from './stream-observer.js'

/**
 * Watches a Node stream in place. A listener for `data` would start the flow, and one for `error` would hide
 * an unhandled error; Node's `errorMonitor` symbol avoids this.
 */
export function observeNodeStream<Stream extends NodeStream>(stream: Stream, observer: StreamObserver): Stream {
  if (stream.readableEnded) {
    observer.mayHaveOutput() // the model may have piped it to the response itself
    observer.ended()
  } else if (stream.closed) {
    observer.failed(stream.errored ?? closedEarly()) // before there could be a reader
  } else observeOnce(stream, observer, ({ everybody }) => watch(stream, everybody))
  return stream
}

/** Ends a Node stream that will not be read, and ignores its errors. */
export function releaseNodeStream(stream: NodeStream): void {
  stream.on('error', () => {})
  stream.destroy?.()
}

function watch(stream: NodeStream, observer: StreamObserver): void {
  observer.parked(true)
  if ((stream.readableLength ?? 0) > 0) observer.chunk()
  const isSeenWhole = stream.push !== undefined && !stream.readableDidRead
  const readers = watchReaders(stream, observer)
  const restorePush = watchPush(stream, observer)
  const over = (tell: () => void) => (): void => {
    restorePush()
    readers.release()
    tell()
  }
  const ended = over(() => {
    if (!isSeenWhole) observer.mayHaveOutput()
    observer.ended()
  })
  const died = (error: unknown): void =>
    over(() => (readers.haveLeft(error) ? observer.abandoned() : observer.failed(error)))()
  const closedBare = over(() => (readers.areReading ? observer.failed(closedEarly()) : observer.abandoned()))
  const { errorMonitor } = stream.constructor as { readonly errorMonitor?: symbol }
  let isCutShort = false // a destroyed source may still report an end
  stream.on('end', () => {
    if (stream.destroyed) isCutShort = true
    else ended()
  })
  stream.on('close', () => {
    if (stream.readableEnded && !isCutShort) return ended()
    if (stream.errored) return died(stream.errored)
    closedBare()
  })
  if (errorMonitor !== undefined) stream.on(errorMonitor, died) // an unhandled error prevents the `close` event
}

/** Watches the chunks that the source pushes, for any kind of reader. */
function watchPush(stream: NodeStream, observer: StreamObserver): () => void {
  const { push } = stream
  if (push === undefined) return () => {}
  return override(stream, 'push', (...input: never[]) => {
    if (input[0] !== null) observer.chunk()
    return push.apply(stream, input)
  })
}

const closedEarly = (): Error => new Error('the stream was closed before its end')
