import type { NodeStream } from './node-readable.js'
import { override } from './override-member.js'
import { createPipes, type Sink } from './pipes.js'
import type { StreamObserver } from './stream-observer.js'

/** The readers of a Node stream, to distinguish a reader that left from a source that failed. */
export interface NodeReaders {
  /** Whether the stream still had a reader when it closed. */
  readonly areReading: boolean
  /** Returns whether the stream was destroyed, with `error`, because its reader left. */
  haveLeft(error: unknown): boolean
  /** Stops watching. */
  release(): void
}

/**
 * Watches the readers of a stream: pipes, loops, and calls of `read`. It adds no reader of its own.
 *
 * If a sink closes before the stream has ended, the stream has no reader, and Node would leave it paused forever.
 */
export function watchReaders(stream: NodeStream, observer: StreamObserver): NodeReaders {
  const { pipe, unpipe, read } = stream
  const iterate = (stream as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator]
  let isIterated = false
  let isOver = false

  const isRead = (): boolean =>
    isIterated ||
    pipes.hasOpen() ||
    (stream.listenerCount?.('data') ?? 0) + (stream.listenerCount?.('readable') ?? 0) > 0

  const pipes = createPipes((isReaderGone) => {
    if (isRead()) return
    if (isReaderGone) observer.abandoned()
    else observer.failed(new Error('the response was destroyed by the server'))
  })

  const restore = [
    override(stream, 'pipe', (sink: Sink, ...rest: never[]) => {
      const follow = pipes.add(sink)
      const piped = (pipe as (...input: unknown[]) => unknown).call(stream, sink, ...rest)
      follow() // after Node's own listener, which removes the pipe
      return piped
    }),
    override(stream, 'unpipe', (...input: never[]) => {
      pipes.remove(input[0])
      return unpipe?.apply(stream, input)
    }),
    override(stream, 'read', (...input: never[]) => {
      const chunk = read.apply(stream, input)
      if ((input[0] as unknown) !== 0) observer.parked(chunk !== null) // read(0) only asks the source for more
      return chunk
    }),
  ]
  if (iterate !== undefined) {
    const iterated = (): unknown => {
      isIterated = true
      return iterate.call(stream)
    }
    restore.push(override(stream, Symbol.asyncIterator, iterated))
  }
  stream.on('pause', () => {
    if (!isOver) observer.parked(true)
  })

  return {
    get areReading() {
      return isIterated || pipes.areReading()
    },
    haveLeft: (error) => isLetGo(error) || pipes.haveLeft(),
    release() {
      isOver = true
      for (const undo of restore) undo()
      pipes.release()
    },
  }
}

/**
 * Returns whether Node destroyed a stream because its reader left: a loop ended early, or a web stream on top was
 * cancelled. The error of an abort signal differs: its cause is the reason of the signal.
 */
const isLetGo = (error: unknown): boolean => {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: unknown }
  return name === 'AbortError' && code === 'ABORT_ERR' && cause === undefined
}
