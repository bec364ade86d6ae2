import type { StreamObserver } from './stream.js'

/** As much of Node's `Readable` as is looked at; the core imports nothing of Node. */
export interface NodeStream {
  readonly readableEnded?: boolean
  readonly readableLength?: number
  readonly errored?: unknown
  pipe(...input: never[]): unknown
  read(...input: never[]): unknown
  on(event: string, listener: () => void): unknown
  push?(...input: unknown[]): unknown
}

/** Errors that say that the reader left, not that the source failed. */
const LEFT: ReadonlySet<unknown> = new Set(['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'])

/**
 * Watches a Node stream in place. It listens to `end` and `close` only: a listener for `data` would set
 * the stream flowing, and one for `error` would hide an error that nobody handles.
 */
export function observeNodeStream<Stream extends NodeStream>(stream: Stream, observer: StreamObserver): Stream {
  watchFirstChunk(stream, observer)
  stream.on('end', () => observer.ended())
  stream.on('close', () => {
    if (stream.readableEnded) return observer.ended()
    const { errored } = stream
    if (errored === null || errored === undefined || LEFT.has((errored as { code?: unknown }).code))
      return observer.abandoned()
    observer.failed(errored)
  })
  return stream
}

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
