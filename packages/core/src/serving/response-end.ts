/** As much of a response as tells when and how it ended; those of HTTP/1, HTTP/2 and injected ones all fit. */
export interface EndingResponse {
  readonly writableEnded?: boolean
  readonly writableFinished: boolean
  readonly destroyed: boolean
  /** `null` while nothing here destroyed the response; HTTP/2 has none. */
  readonly errored?: unknown
  readonly headersSent?: boolean
  readonly socket?: Destroyable | null | undefined
  /** Where HTTP/2 keeps what HTTP/1 has on the response itself. */
  readonly stream?: Http2StreamLike
  readonly req?: IncomingLike
  on(event: 'close', listener: () => void): unknown
}

/** As much of the request that belongs to a response as is looked at. */
export interface IncomingLike {
  readonly socket?: Destroyable | null | undefined
  readonly headers?: { readonly upgrade?: string | undefined }
}

export interface Destroyable {
  readonly destroyed: boolean
  readonly errored?: unknown
  readonly readableEnded?: boolean
  readonly bytesWritten?: number
  on?(event: 'close', listener: () => void): unknown
  off?(event: 'close', listener: () => void): unknown
}

export interface Http2StreamLike extends Destroyable {
  readonly rstCode?: number | undefined
  readonly writableFinished?: boolean
  readonly session?: object | undefined
}

/**
 * Calls back when the response is over, at once if it is already. Calls twice where two things tell of it.
 *
 * A response that waits for its turn on a socket has none yet, and if the client leaves then, Node never closes it.
 */
export function whenOver(response: EndingResponse, settle: () => void): void {
  if (isOver(response)) {
    queueMicrotask(settle) // its `close` has been
    return
  }
  response.on('close', settle)
  if (response.socket !== null) return
  const socket = response.req?.socket
  socket?.on?.('close', settle)
  response.on('close', () => socket?.off?.('close', settle))
}

/** Whether nothing more can be sent. */
export function isOver({ destroyed, stream, socket, req }: EndingResponse): boolean {
  if (destroyed || stream?.destroyed === true) return true
  return socket === null && req?.socket?.destroyed === true
}

/**
 * Whether the whole answer went out, asked when the response is over.
 *
 * HTTP/2 calls a response finished that was only cancelled, hence the look at whether it was ended.
 * One that fastify injects is over before its bytes are taken, but its socket is whole.
 */
export function isAnswered({ writableEnded, writableFinished, socket }: EndingResponse): boolean {
  if (writableEnded === false) return false
  return writableFinished || socket?.destroyed === false
}

/** What an HTTP/2 stream is reset with by a peer that does not want it any more. */
const CANCEL = 8

/**
 * Whether the client closed a response that is over and was not answered; if not, this side did, by whatever failed or
 * gave up here: a handler, a model, a timeout of the server.
 *
 * A client is known by what came over the wire: the end of what it sends, an error of the network, a reset stream.
 * A host that tells nothing of the sort has its clients believed to have left.
 */
export function isClientGone({ errored, socket, stream, req }: EndingResponse): boolean {
  if (stream !== undefined) {
    if (isOfNetwork(stream.errored)) return true
    return !stream.errored && (stream.writableFinished === true || stream.rstCode === CANCEL)
  }
  const line = req?.socket ?? socket
  if (line?.readableEnded === true || isOfNetwork(line?.errored)) return true // whatever was done here after that
  if (errored !== null && errored !== undefined) return isOfNetwork(errored)
  return line?.readableEnded === undefined
}

/** An error that the operating system reported of a connection, not one that somebody here made. */
const isOfNetwork = (error: unknown): boolean => typeof error === 'object' && error !== null && 'syscall' in error

/** Whether the response stands for a websocket: its handshake was sent beside it, and it ends with the connection. */
export function isWebsocket({ headersSent, req }: EndingResponse): boolean {
  return headersSent === false && req?.headers?.upgrade?.toLowerCase() === 'websocket'
}

/** Whether a websocket's connection was closed by the handshake of closing, or by its client, and not torn down. */
export function isClosedNormally({ socket, req }: EndingResponse): boolean {
  const line = req?.socket ?? socket
  return line?.readableEnded === true && !line.errored
}

/** Whether the caller has the first output: the headers, or of a websocket its handshake. */
export function isBegun(response: EndingResponse): boolean {
  if (isWebsocket(response)) return ((response.req?.socket ?? response.socket)?.bytesWritten ?? 0) > 0
  return response.headersSent === true
}

/** The connection of a response: the session where HTTP/2 has several requests on it. */
export function connectionOf({ socket, stream, req }: EndingResponse): object | undefined {
  return stream?.session ?? (stream === undefined ? (req?.socket ?? socket ?? undefined) : undefined)
}
