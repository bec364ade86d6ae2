import { withoutCredentials } from '../../foundation/credentials.js'
import { visible } from '../../foundation/visible-text.js'

/** An answer of a route: an HTTP status with JSON, with a text that has a content type of its own, or with a stream. */
export interface RouteAnswer {
  /** The HTTP status. */
  readonly status: number
  /** The headers of every answer, besides the content type. */
  readonly headers: Readonly<Record<string, string>>
  /** The content type of a text or a stream; left out for JSON. */
  readonly contentType?: string
  /** What is sent: JSON, or with a content type a text or bytes; `undefined` for a stream. */
  readonly body: unknown
  /** Writes the whole answer, for as long as it lasts; left out if `body` is sent. */
  readonly stream?: (response: StreamedResponse) => void
}

/** The part of Node's response that a stream of events uses. */
export interface StreamedResponse {
  /** Sends the status and the headers. */
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown
  /** Sends a text or bytes. */
  write(content: string | Uint8Array): unknown
  /** Ends the response. */
  end(): unknown
  /** Closes the connection. */
  destroy(): unknown
  /** Calls the listener when the connection is closed, or has failed. */
  on(name: 'close' | 'error', listener: () => void): unknown
  /** How many bytes wait for the network. */
  readonly writableLength: number
  /** The connection; Node adds the server to it. */
  readonly socket: unknown
  /** True once the headers were sent. */
  readonly headersSent?: boolean
  /** The stream of HTTP/2, which has no connection of its own; `undefined` in HTTP/1. */
  readonly stream?: unknown
}

/** Nothing caches an answer, and no browser guesses another content type. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const

/** Returns an answer with the headers that every answer has. */
export const answer = (
  status: number,
  content: Pick<RouteAnswer, 'body' | 'contentType'> & Partial<Pick<RouteAnswer, 'headers'>>,
): RouteAnswer => ({ status, ...content, headers: { ...HEADERS, ...content.headers } })

/** Returns an answer that refuses a request, with a code and a sentence. */
export const refusal = (status: number, code: string, message: string, more?: Refused): RouteAnswer =>
  answer(status, {
    body: { error: { code, message }, ...more?.body },
    ...(more?.headers && { headers: more.headers }),
  })

/** What a refusal says besides its code and its sentence. */
interface Refused {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

/** Returns plain data in which every text and every name shows its control characters, and no URL has a password. */
export function shown(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(visible(value))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(shown)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [visible(name), shown(member)]))
}
