import type { Canary } from '../canary/canary.js'
import { OPERATOR_VERBS, type OperatorVerb, type VerbOptions } from '../controller/verbs.js'
import { type CanaryError, isCanaryError } from '../foundation/errors.js'
import { optionalFunction, refuseUnknown } from '../foundation/options.js'
import { visible } from '../foundation/visible-text.js'
import type { Status } from '../rollout/status.js'
import type { MetricsWindow } from '../summaries/metrics-window.js'
import { isCrossSite } from './cross-site.js'
import { refuseNoCanary } from './middleware-options.js'
import { publicStatus } from './public-status.js'
import { hasBody, type IncomingHeaders, isJson } from './read-body.js'

/** What an operator can do over HTTP, where `authorize` is given. */
export type RouteAction = OperatorVerb

/** What `authorize` is asked for: a verb, or to see what models, gates, targets and stores failed with. */
export type AuthorizedAction = RouteAction | 'status'

/** The options of the routes; `Request` is the framework's own. */
export interface CanaryRoutesOptions<Request> {
  /**
   * Says who may change what, and with `'status'` who sees the words of other people's errors, in `GET /status` and in what the
   * verbs answer. Without it there is no route that changes anything, and nobody sees them.
   */
  readonly authorize?: (request: Request, action: AuthorizedAction) => boolean | Promise<boolean>
  /** Serves `GET /metrics.prom`: `prometheusExporter(canary)` of `@model-canary/prometheus`. */
  readonly prometheus?: TextExporter
}

/** What writes a text in the form that is asked for by an `Accept` header. */
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
  /** Reads the JSON body, where there is one: `readJsonBody`. */
  readonly body: () => Promise<unknown>
}

/** What goes back: a status and JSON, or a text with its own content type. */
export interface RouteAnswer {
  /** The HTTP status. */
  readonly status: number
  /** Headers of every answer, beside the content type. */
  readonly headers: Readonly<Record<string, string>>
  /** The content type of a text; JSON where it is left out. */
  readonly contentType?: string
  /** What is sent: JSON, or a text. */
  readonly body: unknown
}

/** Answers a request, or `undefined` where it is none of the routes'. */
export type CanaryRoutes<Request> = (request: RouteRequest<Request>) => Promise<RouteAnswer | undefined>

/**
 * The routes of one canary: `GET /status`, `GET /metrics`, with `prometheus` `GET /metrics.prom`, and with `authorize` a
 * `POST` for every verb.
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
  if (prometheus !== undefined) optionalFunction('canaryRoutes: prometheus.render', prometheus?.render ?? null)

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
    if (isRead && route === 'status') return status(canary, await isAllowed(request, 'status'))
    if (isRead) return read(canary, route, query)
    const action = OPERATOR_VERBS.find((name) => name === route)
    if (method !== 'POST' || action === undefined || authorize === undefined) return undefined
    if (isCrossSite(headers)) return refusal(403, 'CROSS_SITE', `${action} is not taken from a page of another site`)
    if (!(await isAllowed(request, action))) return refusal(403, 'FORBIDDEN', `${action} is not allowed`)
    if (hasBody(headers) && !isJson(headers)) return NOT_JSON
    const given = await body()
    const isAnnounced = headers['content-type'] !== undefined // HTTP/2 need not say that there is a body
    if (given !== undefined && isAnnounced && !isJson(headers)) return NOT_JSON
    return change(canary, action, given, () => isAllowed(request, 'status'))
  }

  return async (request) => {
    const given = await answerTo(request)
    return given?.contentType === undefined ? given && { ...given, body: allVisible(given.body) } : given
  }
}

/** A path without its outer slashes, whatever their number. */
function withoutSlashes(path: string): string {
  let start = 0
  let end = path.length
  while (start < end && path[start] === '/') start += 1
  while (end > start && path[end - 1] === '/') end -= 1
  return path.slice(start, end)
}

const acceptOf = ({ accept }: IncomingHeaders): string | undefined => (typeof accept === 'string' ? accept : undefined)

/** Only who is authorized sees the words of other people's errors. */
function status(canary: Canary, isTrusted: boolean): RouteAnswer {
  const known = canary.status()
  const told = isTrusted ? known : publicStatus(known)
  return answer(200, { body: { ...told, explanation: canary.explain(told) } })
}

function read(canary: Canary, route: string, query: URLSearchParams): RouteAnswer | undefined {
  if (route !== 'metrics') return undefined
  const window = windowOf(query)
  if (window === undefined)
    return refusal(400, 'INVALID_OPTION', 'window is "rollout", "step", or lastMs a number from 1 up')
  return answer(200, { body: canary.metrics({ window }) })
}

function windowOf(query: URLSearchParams): MetricsWindow | undefined {
  const lastMs = query.get('lastMs')
  if (lastMs !== null) return isSpan(Number(lastMs)) ? { lastMs: Number(lastMs) } : undefined
  const window = query.get('window') ?? 'rollout'
  return window === 'rollout' || window === 'step' ? window : undefined
}

const isSpan = (ms: number): boolean => ms >= 1 && Number.isFinite(ms)

/** Codes that say that the rollout is elsewhere, not that the request is malformed. */
const CONFLICTS: ReadonlySet<string> = new Set([
  'STEP_MOVED',
  'TERMINAL',
  'STILL_LIVE',
  'NOT_STARTED',
  'SWITCHED_OFF',
  'CLOSED',
])

/** Codes of what a verb refuses by itself; with every other one, something behind it has failed. */
const MISTAKES: ReadonlySet<string> = new Set(['INVALID_OPTION', 'UNKNOWN_OPTION', 'INVALID_NAME'])

async function change(
  canary: Canary,
  action: RouteAction,
  body: unknown,
  isTrusted: () => Promise<boolean>,
): Promise<RouteAnswer> {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    const detail =
      'send a JSON object of at most 16 KiB, or nothing; a parser before the routes must leave what it has read'
    return refusal(400, 'INVALID_OPTION', detail)
  }
  try {
    const known: Status = await canary[action]((body ?? {}) as VerbOptions)
    const told = publicStatus(known)
    const isAll = JSON.stringify(told) === JSON.stringify(known) // nobody need be asked who may see more
    return answer(200, { body: isAll || !(await isTrusted()) ? told : known })
  } catch (error) {
    if (!isCanaryError(error)) throw error
    const isOwn = CONFLICTS.has(error.code) || MISTAKES.has(error.code)
    const message =
      isOwn || (await isTrusted()) ? error.message : `${action} failed with ${error.code}; its log says why`
    return refusal(statusOf(error), error.code, message)
  }
}

function statusOf({ code }: CanaryError): number {
  if (CONFLICTS.has(code)) return 409
  return MISTAKES.has(code) ? 400 : 503
}

/** No copy is kept of an answer, and no browser takes it for something else than it is. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const

const answer = (status: number, content: Pick<RouteAnswer, 'body' | 'contentType'>): RouteAnswer => ({
  status,
  headers: HEADERS,
  ...content,
})

const refusal = (status: number, code: string, message: string): RouteAnswer =>
  answer(status, { body: { error: { code, message } } })

const NOT_JSON = /* @__PURE__ */ refusal(
  415,
  'NOT_JSON',
  'send the options of a verb as JSON, with content-type: application/json',
)

/** Plain data in whose texts and names everything can be seen. */
function allVisible(value: unknown): unknown {
  if (typeof value === 'string') return visible(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(allVisible)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [visible(name), allVisible(member)]))
}
