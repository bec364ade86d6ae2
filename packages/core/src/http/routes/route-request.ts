import type { IncomingHeaders } from '../read-body.js'
import type { RouteAnswer } from './route-answer.js'

/** A request as the routes need it. */
export interface RouteRequest<Request> {
  /** The HTTP method, such as `GET`. */
  readonly method: string
  /** The path below the mount point, such as `/status`. */
  readonly path: string
  /** The path and the query as the client sent them; only the page needs them, which has to end in a slash. */
  readonly url?: string | undefined
  /** The query of the URL. */
  readonly query: URLSearchParams
  /** The headers of the request, in lower case. */
  readonly headers: IncomingHeaders
  /** The framework's own request, for `authorize`. */
  readonly request: Request
  /** Reads the JSON body, if there is one: `readJsonBody`. */
  readonly body: () => Promise<unknown>
}

/** Answers a request; resolves to `undefined` if no route has its path. */
export type CanaryRoutes<Request> = (request: RouteRequest<Request>) => Promise<RouteAnswer | undefined>

/** Returns whether a request only reads. */
export const isRead = ({ method }: { readonly method: string }): boolean => method === 'GET' || method === 'HEAD'
