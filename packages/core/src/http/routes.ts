import type { Canary } from '../canary/canary.js'
import { OPERATOR_VERBS, type OperatorVerb, type VerbOptions } from '../controller/verbs.js'
import { isRecord, optionalFunction, refuseUnknown } from '../foundation/options.js'
import { visible } from '../foundation/visible-text.js'
import { withMethods } from '../foundation/with-methods.js'
import type { Status } from '../rollout/status.js'
import { isCrossSite } from './cross-site.js'
import { refuseNoCanary } from './middleware-options.js'
import { publicStatus } from './public-status.js'
import { hasBody, type IncomingHeaders, isJson } from './read-body.js'
import { readRouteOf } from './read-routes.js'
import { refusalOf } from './refusals.js'
import { answer, type RouteAnswer, refusal } from './route-answer.js'

/** What an operator can do over HTTP if `authorize` is given. */
export type RouteAction = OperatorVerb

/** What `authorize` decides on: a verb, or `'status'`, the right to see the words of other people's errors. */
export type AuthorizedAction = RouteAction | 'status'

/** The options of the routes; `Request` is the framework's type. */
export interface CanaryRoutesOptions<Request> {
  /**
   * Returns whether this request may do this. With `'status'` it decides whether the answers show what models, gates,
   * targets and stores failed with: those of `GET /status`, `/history` and `/explain`, and those of the verbs. Without
   * `authorize` no route changes anything, and no answer shows those words.
   */
  readonly authorize?: (request: Request, action: AuthorizedAction) => boolean | Promise<boolean>
  /** Serves `GET /metrics.prom`: `prometheusExporter(canary)` of `@model-canary/prometheus`. */
  readonly prometheus?: TextExporter
}

/** Writes a text in the form that an `Accept` header asks for. */
export interface TextExporter {
  /** Returns the text and its content type for an `Accept` header. */
  render(accept?: string): { readonly contentType: string; readonly body: string }
}

/** A request as the routes need it. */
export interface RouteRequest<Request> {
  /** The HTTP method, such as `GET`. */
  readonly method: string
  /** The path below the mount point, such as `/status`. */
  readonly path: string
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

/**
 * Creates the routes of one canary: `GET /status`, `GET /history`, `GET /explain` and `GET /metrics`, with `prometheus`
 * also `GET /metrics.prom`, and with `authorize` a `POST` for every verb.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 */
export function createRoutes<Request>(
  canary: Canary,
  options: CanaryRoutesOptions<Request> = {},
): CanaryRoutes<Request> {
  refuseNoCanary('canaryRoutes', canary)
  refuseUnknown('canaryRoutes', options, { authorize: 1, prometheus: 1 })
  const authorize = optionalFunction('canaryRoutes: authorize', options.authorize)

  const { prometheus } = options
  if (prometheus !== undefined) withMethods('canaryRoutes: prometheus', prometheus, ['render'])

  const isAllowed = async (request: Request, action: AuthorizedAction): Promise<boolean> => {
    try {
      return (await authorize?.(request, action)) === true
    } catch {
      return false
    }
  }

  const answerTo: CanaryRoutes<Request> = async ({ method, path, query, headers, request, body }) => {
    const route = withoutSlashes(path)
    const isRead = method === 'GET' || method === 'HEAD'
    if (isRead && route === 'metrics.prom') return prometheus && answer(200, prometheus.render(acceptOf(headers)))
    const isTrusted = () => isAllowed(request, 'status')
    if (isRead) return readRouteOf(route)?.({ canary, query, isTrusted })
    const action = OPERATOR_VERBS.find((name) => name === route)
    if (method !== 'POST' || action === undefined || authorize === undefined) return undefined
    if (isCrossSite(headers)) return refusal(403, 'CROSS_SITE', `${action} is not taken from a page of another site`)
    if (!(await isAllowed(request, action))) return refusal(403, 'FORBIDDEN', `${action} is not allowed`)
    if (hasBody(headers) && !isJson(headers)) return NOT_JSON
    const given = await body()
    const isAnnounced = headers['content-type'] !== undefined // HTTP/2 need not say that there is a body
    if (given !== undefined && isAnnounced && !isJson(headers)) return NOT_JSON
    return change(canary, action, given, isTrusted)
  }

  return async (request) => {
    const given = await answerTo(request)
    return given?.contentType === undefined ? given && { ...given, body: allVisible(given.body) } : given
  }
}

const acceptOf = ({ accept }: IncomingHeaders): string | undefined => (typeof accept === 'string' ? accept : undefined)

/** Returns a path without the slashes at its ends. */
function withoutSlashes(path: string): string {
  let start = 0
  let end = path.length
  while (start < end && path[start] === '/') start += 1
  while (end > start && path[end - 1] === '/') end -= 1
  return path.slice(start, end)
}

async function change(
  canary: Canary,
  action: RouteAction,
  body: unknown,
  isTrusted: () => Promise<boolean>,
): Promise<RouteAnswer> {
  if (body !== undefined && !isRecord(body)) {
    const detail =
      'send a JSON object of at most 16 KiB, or nothing; a parser before the routes must leave what it has read'
    return refusal(400, 'INVALID_OPTION', detail)
  }
  try {
    const known: Status = await canary[action]((body ?? {}) as VerbOptions)
    const told = publicStatus(known)
    const isAll = JSON.stringify(told) === JSON.stringify(known) // authorize is asked only if it makes a difference
    const shown = isAll || !(await isTrusted()) ? told : known
    return answer(200, { body: { ...shown, ...(await canary.reached()) } })
  } catch (error) {
    return refusalOf(error, action, isTrusted)
  }
}

const NOT_JSON = /* @__PURE__ */ refusal(
  415,
  'NOT_JSON',
  'send the options of a verb as JSON, with content-type: application/json',
)

/** Returns plain data in which every text and every name shows its control characters. */
function allVisible(value: unknown): unknown {
  if (typeof value === 'string') return visible(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(allVisible)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [visible(name), allVisible(member)]))
}
