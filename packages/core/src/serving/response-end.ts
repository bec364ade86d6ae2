import { isClosedHere, watchClose } from './http2-close.js'
import { isClosedByPeer, isOfNetwork, onSocketClose } from './socket-close.js'

/** The members of a response that show when and how it ended, for HTTP/1, HTTP/2 and injected responses. */
export interface EndingResponse {
  /** True once `end()` was called. */
  readonly writableEnded?: boolean
  /** True once everything was handed to the operating system. */
  readonly writableFinished: boolean
  /** True once it was destroyed. */
  readonly destroyed: boolean
  /** `null` unless the response was destroyed on this side; missing in HTTP/2. */
  readonly errored?: unknown
  /** True once the headers were sent. */
  readonly headersSent?: boolean
  /** Its connection; `null` while it waits for its turn on one. */
  readonly socket?: Destroyable | null | undefined
  /** In HTTP/2, has the members that HTTP/1 has on the response itself. */
  readonly stream?: Http2StreamLike
  /** The request that it answers. */
  readonly req?: IncomingLike
  /** Adds a listener for its close. */
  on(event: 'close', listener: () => void): unknown
}

/** The members of a response's request that are used. */
export interface IncomingLike {
  /** The connection of the request. */
  readonly socket?: Destroyable | null | undefined
  /** The headers of the request, in lower case. */
  readonly headers?: { readonly upgrade?: string | undefined }
}

export interface Destroyable {
  /** True once it was destroyed. */
  readonly destroyed: boolean
  /** The error it was destroyed with, if there was one. */
  readonly errored?: unknown
  /** True once the peer has sent its end. */
  readonly readableEnded?: boolean
  /** How many bytes were written to it. */
  readonly bytesWritten?: number
  /** Adds a listener for its close. */
  on?(event: 'close', listener: () => void): unknown
  /** Removes that listener. */
  off?(event: 'close', listener: () => void): unknown
}

export interface Http2StreamLike extends Destroyable {
  /** True once it was reset, by either side. */
  readonly closed?: boolean
  /** Resets it. */
  close?(...given: never[]): unknown
  /** The code that the stream was reset with. */
  readonly rstCode?: number | undefined
  /** True once everything was handed to the session. */
  readonly writableFinished?: boolean
  /** The connection that carries the stream. */
  readonly session?: { readonly socket?: Partial<Destroyable> } | undefined
}

/**
 * Calls `settle` when the response is over, in a microtask if it already is. May call it twice.
 *
 * A pipelined response has no socket until its turn. If the client leaves before that, Node never closes the response.
 */
export function whenOver(response: EndingResponse, settle: () => void): void {
  if (isOver(response)) {
    queueMicrotask(settle) // its `close` event has been emitted
    return
  }
  response.on('close', settle)
  if (response.stream !== undefined) watchClose(response.stream)
  if (response.socket !== null) return
  const socket = response.req?.socket
  if (socket !== null && socket !== undefined) response.on('close', onSocketClose(socket, settle))
}

/** Returns whether nothing more can be sent. */
export function isOver({ destroyed, stream, socket, req }: EndingResponse): boolean {
  if (destroyed || stream?.destroyed === true) return true
  return socket === null && req?.socket?.destroyed === true
}

/**
 * Returns whether the whole answer was sent, for a response that is over.
 *
 * HTTP/2 also calls a cancelled response finished, so `writableEnded` is checked as well.
 * A response injected by fastify is over before its bytes are read, but its socket is intact.
 */
export function isAnswered({ writableEnded, writableFinished, socket }: EndingResponse): boolean {
  if (writableEnded === false) return false
  return writableFinished || socket?.destroyed === false
}

/** The code with which a peer resets an HTTP/2 stream that it no longer wants. */
const CANCEL = 8

/**
 * Returns whether the client closed a response that is over and was not answered. If not, this side closed it: a
 * handler, a model or a timeout of the server.
 *
 * The client closed it if that came over the network: the end of its data, a network error or a reset stream.
 * If the host provides no such information, the client is assumed to have left.
 */
export function isClientGone({ errored, socket, stream, req }: EndingResponse): boolean {
  if (stream !== undefined) {
    if (isOfNetwork(stream.errored)) return true
    if (isClosedHere(stream)) return false
    return !stream.errored && (stream.writableFinished === true || stream.rstCode === CANCEL)
  }
  const line = req?.socket ?? socket
  if (isClosedByPeer(line)) return true // this side may have failed after that
  if (errored !== null && errored !== undefined) return isOfNetwork(errored)
  return line?.readableEnded === undefined
}

/** Returns whether the response became a websocket: the handshake bypasses it, and it ends with the connection. */
export function isWebsocket({ headersSent, req }: EndingResponse): boolean {
  return headersSent === false && req?.headers?.upgrade?.toLowerCase() === 'websocket'
}

/** Returns whether a websocket was closed by its closing handshake or by its client, and not torn down. */
export function isClosedNormally({ socket, req }: EndingResponse): boolean {
  const line = req?.socket ?? socket
  return line?.readableEnded === true && !line.errored
}

/** Returns whether the caller has the first output: the headers, or the handshake of a websocket. */
export function isBegun(response: EndingResponse): boolean {
  if (isWebsocket(response)) return ((response.req?.socket ?? response.socket)?.bytesWritten ?? 0) > 0
  return response.headersSent === true
}

/** Returns the connection of a response: in HTTP/2, the session that several requests share. */
export function connectionOf({ socket, stream, req }: EndingResponse): object | undefined {
  return stream?.session ?? (stream === undefined ? (req?.socket ?? socket ?? undefined) : undefined)
}
