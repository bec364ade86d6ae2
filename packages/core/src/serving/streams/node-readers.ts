import { type EndingResponse, isAnswered, isClientGone } from '../response-end.js'
import type { NodeStream } from './node-readable.js'
import { override } from './override-member.js'
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

/** The destination of a pipe, such as a response. */
interface Sink extends Partial<EndingResponse> {
  readonly closed?: boolean
  on?(event: string, listener: () => void): unknown
  off?(event: string, listener: () => void): unknown
}

/**
 * Watches the readers of a stream: pipes, loops, and calls of `read`. It adds no reader of its own.
 *
 * If a sink closes before the stream has ended, the stream has no reader, and Node would leave it paused forever.
 */
export function watchReaders(stream: NodeStream, observer: StreamObserver): NodeReaders {
  /** Each sink with the listener for its `close` event; a sink may outlive many streams. */
  const sinks = new Map<Sink, () => void>()
  const { pipe, unpipe, read } = stream
  const iterate = (stream as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator]
  let isIterated = false
  let isOver = false

  const isRead = (): boolean =>
    isIterated ||
    [...sinks.keys()].some((sink) => !isGone(sink)) ||
    (stream.listenerCount?.('data') ?? 0) + (stream.listenerCount?.('readable') ?? 0) > 0

  const sinkClosed = (sink: Sink): void => {
    if (isRead()) return
    if (isReaderGone(sink)) observer.abandoned()
    else observer.failed(new Error('the response was destroyed by the server'))
  }

  const stopListening = (sink: Sink): void => void sink.off?.('close', sinks.get(sink) ?? (() => {}))

  const forget = (sink: Sink): void => {
    stopListening(sink)
    sinks.delete(sink)
  }

  const restore = [
    override(stream, 'pipe', (sink: Sink, ...rest: never[]) => {
      const isNew = !sinks.has(sink)
      if (isNew) sinks.set(sink, () => sinkClosed(sink))
      const piped = (pipe as (...input: unknown[]) => unknown).call(stream, sink, ...rest)
      if (isNew) sink.on?.('close', sinks.get(sink)!) // after Node's own listener, which removes the pipe
      return piped
    }),
    override(stream, 'unpipe', (...input: never[]) => {
      const taken: readonly Sink[] = input[0] === undefined ? [...sinks.keys()] : [input[0]]
      for (const sink of taken) if (isAtWork(sink)) forget(sink)
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
      return isIterated || [...sinks.keys()].some((sink) => !isGone(sink) || !isReaderGone(sink))
    },
    haveLeft: (error) => isLetGo(error) || [...sinks.keys()].some((sink) => isGone(sink) && isReaderGone(sink)),
    release() {
      isOver = true
      for (const undo of restore) undo()
      for (const sink of sinks.keys()) stopListening(sink)
    },
  }
}

/** Returns whether a sink is closed. A response is closed with its connection, even if it notices later. */
const isGone = ({ destroyed, closed, stream, req }: Sink): boolean =>
  destroyed === true || closed === true || stream?.destroyed === true || req?.socket?.destroyed === true

/** Returns whether a sink is still writable. Node itself unpipes a sink that ended or closed; else the app does. */
const isAtWork = (sink: Sink): boolean => !isGone(sink) && sink.writableEnded !== true

/** Returns whether a sink lost its reader; not so if this side closed the response before its end. */
const isReaderGone = (sink: Sink): boolean => {
  const isResponse = 'statusCode' in sink && ('req' in sink || 'stream' in sink)
  return !isResponse || isAnswered(sink as EndingResponse) || isClientGone(sink as EndingResponse)
}

/**
 * Returns whether Node destroyed a stream because its reader left: a loop ended early, or a web stream on top was
 * cancelled. The error of an abort signal differs: its cause is the reason of the signal.
 */
const isLetGo = (error: unknown): boolean => {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: unknown }
  return name === 'AbortError' && code === 'ABORT_ERR' && cause === undefined
}
