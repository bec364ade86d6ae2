/** An answer of a route: an HTTP status with JSON, or with a text that has a content type of its own. */
export interface RouteAnswer {
  /** The HTTP status. */
  readonly status: number
  /** The headers of every answer, besides the content type. */
  readonly headers: Readonly<Record<string, string>>
  /** The content type of a text; left out for JSON. */
  readonly contentType?: string
  /** What is sent: JSON, or a text. */
  readonly body: unknown
}

/** Nothing caches an answer, and no browser guesses another content type. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const

/** Returns an answer with the headers that every answer has. */
export const answer = (status: number, content: Pick<RouteAnswer, 'body' | 'contentType'>): RouteAnswer => ({
  status,
  headers: HEADERS,
  ...content,
})

/** Returns an answer that refuses a request, with a code and a sentence. */
export const refusal = (status: number, code: string, message: string): RouteAnswer =>
  answer(status, { body: { error: { code, message } } })
