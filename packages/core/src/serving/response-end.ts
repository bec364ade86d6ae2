/** As much of a response as tells when and how it ended; those of HTTP/1, HTTP/2 and injected ones all fit. */
export interface EndingResponse {
  readonly writableEnded?: boolean
  readonly writableFinished: boolean
  readonly destroyed: boolean
  readonly socket?: Destroyable | null | undefined
  /** Where HTTP/2 keeps what HTTP/1 has on the response itself. */
  readonly stream?: Destroyable
  readonly req?: { readonly socket?: Destroyable | null | undefined }
  on(event: 'close', listener: () => void): unknown
}

interface Destroyable {
  readonly destroyed: boolean
  on?(event: 'close', listener: () => void): unknown
  off?(event: 'close', listener: () => void): unknown
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
