import type { IncomingMessage, ServerResponse } from 'node:http'

/** One answer to a scrape. */
export interface RenderedMetrics {
  /** 200, or 500 where a rollout could not be read. */
  readonly status: 200 | 500
  readonly contentType: string
  readonly body: string
}

/** Answers `GET` and `HEAD` with what is rendered for their `Accept` header, and refuses all else. */
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
    response.end(bytes) // which Node leaves out of an answer to HEAD
  }
}
