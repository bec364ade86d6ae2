import { type EndingResponse, isAnswered, isClientGone } from '../response-end.js'
import type { NodeStream } from './node-readable.js'
import { override } from './override-member.js'
import type { StreamObserver } from './stream-observer.js'

/** Who reads a Node stream, so that a reader who left can be told from a source that failed. */
export interface NodeReaders {
  /** Whether somebody was still reading when the stream closed. */
  readonly areReading: boolean
  /** Whether the stream was destroyed because of its reader: `error` is what it was destroyed with. */
  haveLeft(error: unknown): boolean
  /** Stops watching. */
  release(): void
}

/** Where a stream is piped to; a response among others. */
interface Sink extends Partial<EndingResponse> {
  readonly closed?: boolean
  on?(event: string, listener: () => void): unknown
  off?(event: string, listener: () => void): unknown
}

/**
 * Watches who reads a stream: pipes, loops, and calls of `read`. Nobody is added who reads.
 *
 * A sink that closes before the stream has ended leaves it to nobody, and Node would let it stand still for ever.
 */
export function watchReaders(stream: NodeStream, observer: StreamObserver): NodeReaders {
  /** Each with the listener for its `close`; a sink may outlive many streams. */
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
    else observer.failed(new Error('the response was destroyed here'))
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
      if (isNew) sink.on?.('close', sinks.get(sink)!) // after Node's own listener, which takes the pipe away
      return piped
    }),
    override(stream, 'unpipe', (...input: never[]) => {
      const taken: readonly Sink[] = input[0] === undefined ? [...sinks.keys()] : [input[0]]
      for (const sink of taken) if (isAtWork(sink)) forget(sink)
      return unpipe?.apply(stream, input)
    }),
    override(stream, 'read', (...input: never[]) => {
      const chunk = read.apply(stream, input)
      if ((input[0] as unknown) !== 0) observer.parked(chunk !== null) // 0 asks the source, and gives nothing
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

/** A response is gone with its connection, which it may learn of last. */
const isGone = ({ destroyed, closed, stream, req }: Sink): boolean =>
  destroyed === true || closed === true || stream?.destroyed === true || req?.socket?.destroyed === true

/** Node takes a pipe away itself when the sink ends or closes; while it is at work, somebody here does. */
const isAtWork = (sink: Sink): boolean => !isGone(sink) && sink.writableEnded !== true

/** A response that was closed on this side before its end has not lost its reader. */
const isReaderGone = (sink: Sink): boolean => {
  const isResponse = 'statusCode' in sink && ('req' in sink || 'stream' in sink)
  return !isResponse || isAnswered(sink as EndingResponse) || isClientGone(sink as EndingResponse)
}

/**
 * What Node destroys a stream with when its reader lets go: a loop that was left, a web stream on top that was
 * cancelled. An abort signal's error has that signal's reason as its cause.
 */
const isLetGo = (error: unknown): boolean => {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: unknown }
  return name === 'AbortError' && code === 'ABORT_ERR' && cause === undefined
}
