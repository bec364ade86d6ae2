import type { IncomingMessage, ServerResponse } from 'node:http'

/** The response to one scrape. */
export interface RenderedMetrics {
  /** 200, or 500 if a rollout could not be read. */
  readonly status: 200 | 500
  /** The value of the `Content-Type` header. */
  readonly contentType: string
  /** The metrics as text, or one sentence on the failure. */
  readonly body: string
}

/** Returns a handler that answers `GET` and `HEAD` by their `Accept` header, and other methods with 405. */
export function metricsHandler(
  render: (accept?: string) => RenderedMetrics,
): (request: IncomingMessage, response: ServerResponse) => void {
  return function metricsHandler({ method, headers }, response) {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
      return
    }
    const { status, contentType, body } = render(headers.accept)
    const bytes = Buffer.from(body)
    response.writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': bytes.length,
      'Cache-Control': 'no-store',
      Vary: 'Accept',
    })
    response.end(bytes) // Node omits the body in a response to HEAD
  }
}
