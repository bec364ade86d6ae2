import { CanaryError } from '../../foundation/errors.js'
import type { Defaults } from '../../foundation/options.js'
import { type IncomingBody, readJsonBody } from '../read-body.js'
import { createRoutes } from './create-routes.js'
import { type RouteAnswer, refusal, type StreamedResponse } from './route-answer.js'
import type { CanaryRoutesOptions, OperatedRollout } from './route-options.js'

/** A request of `node:http` or `node:http2`, as far as the routes read it. */
export interface NodeRequest extends IncomingBody {
  /** The headers of the request, in lower case. */
  readonly headers: NonNullable<IncomingBody['headers']>
  /** The HTTP method, such as `GET`. */
  readonly method?: string | undefined
  /** The path and the query. */
  readonly url?: string | undefined
}

/** The options of {@link nodeRoutes}, with a path prefix, because a plain server has no mount points. */
export interface NodeRoutesOptions<Request> extends CanaryRoutesOptions<Request> {
  /** The path of the routes; `'/'` if they have the whole server. @default '/canary' */
  readonly prefix?: string
}

/** What an option is if it is not given. */
const NODE_ROUTES_DEFAULTS = { prefix: '/canary' } as const satisfies Defaults<NodeRoutesOptions<never>>

/**
 * Serves the routes of `canaryRoutes` on a server of `node:http` or `node:http2`, such as one beside a controller. The
 * handler resolves to false, and has written nothing, if no route has the path of the request. It does not reject, and
 * sends nothing on a response that the server itself has answered, such as one that took too long.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const routes = nodeRoutes(controller, { authorize: ({ headers }) => headers.authorization === `Bearer ${token}` })
 * createServer(async (request, response) => {
 *   if (!(await routes(request, response))) response.writeHead(404).end()
 * }).listen(9100)
 */
export function nodeRoutes<Request extends NodeRequest>(
  rollouts: OperatedRollout | readonly OperatedRollout[],
  { prefix = NODE_ROUTES_DEFAULTS.prefix, ...options }: NodeRoutesOptions<Request> = {},
): (request: Request, response: StreamedResponse) => Promise<boolean> {
  const mountPoint = mountPointOf('nodeRoutes', prefix)
  const routes = createRoutes(rollouts, options)

  return async (request, response) => {
    const { method = 'GET', url = '', headers } = request
    const [path = '', query] = url.split('?', 2)
    if (!`${path}/`.startsWith(mountPoint)) return false // as without the slash at the end, too
    const asked = {
      method,
      path: path.slice(mountPoint.length),
      query: new URLSearchParams(query),
      url,
      headers,
      request,
    }
    try {
      const answer = await routes({ ...asked, body: () => readJsonBody(request) })
      if (answer === undefined) return false
      send(answer, response, method === 'HEAD')
    } catch {
      sendIfPossible(FAILED, response) // such as a body whose client has left
    }
    return true
  }
}

/** Returns the beginning of the paths below a prefix. Throws `INVALID_OPTION`. */
export function mountPointOf(where: string, prefix: string): string {
  if (typeof prefix === 'string' && prefix.startsWith('/')) return prefix.endsWith('/') ? prefix : `${prefix}/`
  throw new CanaryError('INVALID_OPTION', `${where}: prefix must be a path that starts with "/"`)
}

const FAILED = /* @__PURE__ */ refusal(500, 'FAILED', 'the request could not be read')

function sendIfPossible(answer: RouteAnswer, response: StreamedResponse): void {
  try {
    send(answer, response, false)
  } catch {
    response.destroy()
  }
}

function send(
  { status, headers, contentType, body, stream }: RouteAnswer,
  response: StreamedResponse,
  isHead: boolean,
) {
  if (response.headersSent) return
  if (stream !== undefined) return stream(response)
  const type = contentType ?? 'application/json; charset=utf-8'
  response.writeHead(status, { 'content-type': type, ...headers })
  if (!isHead) response.write(contentType === undefined ? JSON.stringify(body) : (body as string | Uint8Array))
  response.end()
}
