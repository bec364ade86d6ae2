/** A request for one route. */
export interface RouteRequest {
  readonly method: 'GET' | 'POST'
  /** The path below the address of the routes, such as `status`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** How long the answer may take, in milliseconds. */
  readonly limitMs: number
}

/** The answer of a route. */
export interface RouteAnswer {
  readonly status: number
  /** The parsed JSON; `undefined` if the body is none. */
  readonly body: unknown
  /** How long to wait before the next request, in milliseconds, as the service asks for. */
  readonly retryAfterMs: number | undefined
}

/** Why there is no answer. */
export interface NoAnswer {
  readonly status: null
  /** What went wrong, in a few words. */
  readonly message: string
}

/** A way to the routes of a rollout. Does not reject: what is not reachable is an answer without a status. */
export interface Transport {
  /** The address, for messages. */
  readonly place: string
  ask(request: RouteRequest): Promise<RouteAnswer | NoAnswer>
  /** Opens a stream. Each chunk is handed on; resolves when the stream ends, with the answer if it is none. */
  stream(request: StreamRequest): Promise<RouteAnswer | NoAnswer>
}

/** A request for a stream of events. */
export interface StreamRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** How long the stream may be silent, in milliseconds. */
  readonly silenceMs: number
  readonly signal: AbortSignal
  readonly onChunk: (text: string) => void
}

/** The most that is read of an answer, in bytes. */
export const MOST_BYTES = 16_777_216
