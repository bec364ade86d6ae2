import type { StreamObserver } from './stream-observer.js'

/** As much of Node's `Readable` as is looked at; the core imports nothing of Node. */
export interface NodeStream {
  readonly readableEnded?: boolean
  readonly readableLength?: number
  readonly closed?: boolean
  readonly errored?: unknown
  pipe(...input: never[]): unknown
  read(...input: never[]): unknown
  on(event: string | symbol, listener: (error?: unknown) => void): unknown
  push?(...input: unknown[]): unknown
  destroy?(reason?: unknown): unknown
}

/** Tells a Node stream that can be read, by its methods: there are copies of the class. */
export const isNodeStream = (value: object): value is NodeStream =>
  'pipe' in value &&
  'read' in value &&
  'on' in value &&
  typeof value.pipe === 'function' &&
  typeof value.read === 'function'

/** Errors that say that the reader left, not that the source failed. */
const LEFT: ReadonlySet<unknown> = new Set(['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'])

/**
 * Watches a Node stream in place. A listener for `data` would set the stream flowing, and one for `error`
 * would hide an error that nobody handles: Node has a symbol for who only looks on.
 */
export function observeNodeStream<Stream extends NodeStream>(stream: Stream, observer: StreamObserver): Stream {
  const died = (error: unknown): void => {
    if (isFailure(error)) observer.failed(error)
    else observer.abandoned()
  }
  const closed = (): void => {
    if (stream.readableEnded) observer.ended()
    else died(stream.errored)
  }
  if (stream.readableEnded || stream.closed) {
    closed() // it was over before anybody could watch
    return stream
  }
  const { errorMonitor } = stream.constructor as { readonly errorMonitor?: symbol }
  watchFirstChunk(stream, observer)
  stream.on('end', observer.ended)
  stream.on('close', closed)
  if (errorMonitor !== undefined) stream.on(errorMonitor, died) // an unhandled error keeps `close` from coming
  return stream
}

/** Ends a Node stream that nobody will read, and with it an error that nobody would handle. */
export function releaseNodeStream(stream: NodeStream): void {
  stream.on('error', () => {})
  stream.destroy?.()
}

const isFailure = (errored: unknown): boolean =>
  errored !== null && errored !== undefined && !LEFT.has((errored as { code?: unknown }).code)

/** The first chunk is the first that the source pushes, whoever reads it and however. */
function watchFirstChunk(stream: NodeStream, observer: StreamObserver): void {
  const { push } = stream
  if ((stream.readableLength ?? 0) > 0) observer.firstChunk()
  if (push === undefined) return
  stream.push = (...input) => {
    if (input[0] !== null) {
      observer.firstChunk()
      stream.push = push
    }
    return push.apply(stream, input)
  }
}
