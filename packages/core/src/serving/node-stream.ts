import { observeOnce } from './audience.js'
import { watchReaders } from './node-readers.js'
import { override } from './override-member.js'
import type { StreamObserver } from './stream-observer.js'

/** As much of Node's `Readable` as is looked at; the core imports nothing of Node. */
export interface NodeStream {
  readonly readableEnded?: boolean
  readonly readableLength?: number
  readonly closed?: boolean
  readonly destroyed?: boolean
  readonly errored?: unknown
  pipe(...input: never[]): unknown
  unpipe?(...input: never[]): unknown
  read(...input: never[]): unknown
  on(event: string | symbol, listener: (error?: unknown) => void): unknown
  listenerCount?(event: string): number
  push?(...input: never[]): unknown
  destroy?(reason?: unknown): unknown
}

/** Tells a Node stream that can be read, by its methods: there are copies of the class. */
export const isNodeStream = (value: object): value is NodeStream =>
  'pipe' in value &&
  'read' in value &&
  'on' in value &&
  typeof value.pipe === 'function' &&
  typeof value.read === 'function'

/**
 * Watches a Node stream in place. A listener for `data` would set the stream flowing, and one for `error`
 * would hide an error that nobody handles: Node has a symbol for who only looks on.
 */
export function observeNodeStream<Stream extends NodeStream>(stream: Stream, observer: StreamObserver): Stream {
  if (stream.readableEnded) observer.ended()
  else if (stream.closed)
    observer.failed(stream.errored ?? closedEarly()) // before anybody could read, or leave
  else observeOnce(stream, observer, ({ everybody }) => watch(stream, everybody))
  return stream
}

/** Ends a Node stream that nobody will read, and with it an error that nobody would handle. */
export function releaseNodeStream(stream: NodeStream): void {
  stream.on('error', () => {})
  stream.destroy?.()
}

function watch(stream: NodeStream, observer: StreamObserver): void {
  observer.parked(true)
  if ((stream.readableLength ?? 0) > 0) observer.chunk()
  const readers = watchReaders(stream, observer)
  const restorePush = watchPush(stream, observer)
  const over = (tell: () => void) => (): void => {
    restorePush()
    readers.release()
    tell()
  }
  const ended = over(observer.ended)
  const died = (error: unknown): void =>
    over(() => (readers.haveLeft(error) ? observer.abandoned() : observer.failed(error)))()
  const closedBare = over(() => (readers.areReading ? observer.failed(closedEarly()) : observer.abandoned()))
  const { errorMonitor } = stream.constructor as { readonly errorMonitor?: symbol }
  let isCutShort = false // a source that was told to stop may tell of an end, too
  stream.on('end', () => {
    if (stream.destroyed) isCutShort = true
    else ended()
  })
  stream.on('close', () => {
    if (stream.readableEnded && !isCutShort) return ended()
    if (stream.errored) return died(stream.errored)
    closedBare()
  })
  if (errorMonitor !== undefined) stream.on(errorMonitor, died) // an unhandled error keeps `close` from coming
}

/** The chunks are those that the source pushes, whoever reads them and however. */
function watchPush(stream: NodeStream, observer: StreamObserver): () => void {
  const { push } = stream
  if (push === undefined) return () => {}
  return override(stream, 'push', (...input: never[]) => {
    if (input[0] !== null) observer.chunk()
    return push.apply(stream, input)
  })
}

const closedEarly = (): Error => new Error('the stream was closed before its end')
