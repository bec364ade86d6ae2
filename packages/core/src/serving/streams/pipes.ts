import { type EndingResponse, isAnswered, isClientGone } from '../response-end.js'

/** The destination of a pipe, such as a response. */
export interface Sink extends Partial<EndingResponse> {
  readonly closed?: boolean
  on?(event: string, listener: () => void): unknown
  off?(event: string, listener: () => void): unknown
}

/** The pipes of a Node stream: the sinks that it was piped to. */
export interface Pipes {
  /** Adds a sink. The returned function starts to listen for its close. */
  add(sink: Sink): () => void
  /** Removes a sink, or all if `undefined`, when the app unpipes it. */
  remove(sink: Sink | undefined): void
  /** Returns whether a sink is open. */
  hasOpen(): boolean
  /** Returns whether a sink is open, or was closed by this side before its end. */
  areReading(): boolean
  /** Returns whether a sink is closed because its reader left. */
  haveLeft(): boolean
  /** Stops listening. */
  release(): void
}

/** Creates an empty set of pipes. `onClose` is called when a sink closes, and receives whether its reader left. */
export function createPipes(onClose: (isReaderGone: boolean) => void): Pipes {
  /** Each sink with the listener for its `close` event; a sink may outlive many streams. */
  const sinks = new Map<Sink, () => void>()
  const some = (test: (sink: Sink) => boolean): boolean => [...sinks.keys()].some(test)
  const stopListening = (sink: Sink): void => void sink.off?.('close', sinks.get(sink) ?? (() => {}))

  return {
    add(sink) {
      if (sinks.has(sink)) return () => {}
      const closed = (): void => onClose(isReaderGone(sink))
      sinks.set(sink, closed)
      return () => void sink.on?.('close', closed)
    },
    remove(given) {
      for (const sink of given === undefined ? [...sinks.keys()] : [given]) {
        if (!isAtWork(sink)) continue
        stopListening(sink)
        sinks.delete(sink)
      }
    },
    hasOpen: () => some((sink) => !isGone(sink)),
    areReading: () => some((sink) => !isGone(sink) || !isReaderGone(sink)),
    haveLeft: () => some((sink) => isGone(sink) && isReaderGone(sink)),
    release() {
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
