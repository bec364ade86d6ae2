/**
 * The response to one request, as a canary uses it. `nodeTie` makes one of a response of Node; a host with other
 * responses, such as one that serves `Request` and `Response`, makes its own.
 */
export interface RequestTie {
  /** Calls back when the response is over, or soon if it is already over. It may call back more than once. */
  onEnd(settle: () => void): void
  /** Whether nothing more can be sent: everything was sent, or the client is gone. */
  readonly isOver: boolean
  /** Whether the whole answer was sent. */
  readonly isAnswered: boolean
  /** Whether the first output was sent, such as the headers. */
  readonly isBegun: boolean
  /** How the response ended, read after its end: it was answered, the client left, or this side failed or gave up. */
  readonly ending: 'answered' | 'aborted' | 'error'
  /** The status code, read after the response was answered. */
  readonly status: number
  /** The connection of the request, which distinguishes callers without a key; `undefined` if it is not known. */
  readonly connection: object | undefined
  /** Sets a header of the response, unless the headers were sent. Throws if the header is not valid. */
  setHeader(name: string, value: string): void
}
