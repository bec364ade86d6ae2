/**
 * What a canary has to know of the response to one request. `nodeTie` makes it of a response of Node; a host with other
 * responses, such as one that serves `Request` and `Response`, makes its own.
 */
export interface RequestTie {
  /** Calls back when the response is over, soon if it is already. It may call back more than once. */
  onEnd(settle: () => void): void
  /** Whether nothing more can be sent: everything was, or nobody is there to take it. */
  readonly isOver: boolean
  /** Whether the whole answer went out. */
  readonly isAnswered: boolean
  /** Whether the caller has the first output, such as the headers. */
  readonly isBegun: boolean
  /** How the response ended, asked once it is over: it was answered, the client left, or this side failed or gave up. */
  readonly ending: 'answered' | 'aborted' | 'error'
  /** The status code, asked once the response was answered. */
  readonly status: number
  /** The connection of the request, by which callers without a key are told apart; `undefined` if there is none to see. */
  readonly connection: object | undefined
  /** Sets a header of the response, unless the headers have been sent. Throws if it cannot be one. */
  setHeader(name: string, value: string): void
}
