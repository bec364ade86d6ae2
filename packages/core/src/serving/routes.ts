import type { Canary } from '../canary.js'
import { type CanaryError, isCanaryError } from '../errors.js'
import type { MetricsWindow } from '../metrics-window.js'
import { optionalFunction, refuseUnknown } from '../options.js'
import type { VerbOptions } from '../rollout/verbs.js'
import { noModelErrors } from '../vocabulary.js'

/** What an operator can do over HTTP, where `authorize` is given. */
export type RouteAction = (typeof ACTIONS)[number]

/** What `authorize` is asked for: a verb, or the status with the models' error messages. */
export type AuthorizedAction = RouteAction | 'status'

const ACTIONS = ['pause', 'resume', 'promote', 'rollback', 'retry', 'enable', 'disable'] as const

/** The options of the routes; `Request` is the framework's own. */
export interface CanaryRoutesOptions<Request> {
  /**
   * Says who may change what, and with `'status'` who sees the models' error messages in `GET /status`. Without it there is no
   * route that changes anything, and nobody sees them.
   */
  readonly authorize?: (request: Request, action: AuthorizedAction) => boolean | Promise<boolean>
  /** Serves `GET /metrics.prom`: `prometheusExporter(canary)` of `@model-canary/prometheus`. */
  readonly prometheus?: TextExporter
}

/** What writes a text in the form that is asked for by an `Accept` header. */
export interface TextExporter {
  render(accept?: string): { readonly contentType: string; readonly body: string }
}

/** A request as the routes need it. */
export interface RouteRequest<Request> {
  readonly method: string
  /** The path below the mount point, such as `/status`. */
  readonly path: string
  readonly query: URLSearchParams
  /** The `Accept` header, where there is one. */
  readonly accept?: string | undefined
  readonly request: Request
  /** Reads the JSON body, where there is one. */
  readonly body: () => Promise<unknown>
}

/** What goes back: a status and JSON, or a text with its own content type. */
export interface RouteAnswer {
  readonly status: number
  readonly contentType?: string
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
  refuseUnknown('canaryRoutes', options, ['authorize', 'prometheus'])
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

  return async ({ method, path, query, accept, request, body }) => {
    const route = path.replace(/^\/+|\/+$/g, '')
    const isRead = method === 'GET' || method === 'HEAD'
    if (isRead && route === 'metrics.prom') return prometheus && { status: 200, ...prometheus.render(accept) }
    if (isRead && route === 'status') return status(canary, await isAllowed(request, 'status'))
    if (isRead) return read(canary, route, query)
    const action = ACTIONS.find((name) => name === route)
    if (method !== 'POST' || action === undefined || authorize === undefined) return undefined
    if (!(await isAllowed(request, action))) return refusal(403, 'FORBIDDEN', `${action} is not allowed`)
    return change(canary, action, await body())
  }
}

/** The errors of the models are texts from inside: only who is authorized sees them. */
function status(canary: Canary, isTrusted: boolean): RouteAnswer {
  const known = canary.status()
  const errors = isTrusted ? known.errors : noModelErrors
  return { status: 200, body: { ...known, errors, explanation: canary.explain() } }
}

function read(canary: Canary, route: string, query: URLSearchParams): RouteAnswer | undefined {
  if (route !== 'metrics') return undefined
  const window = windowOf(query)
  if (window === undefined)
    return refusal(400, 'INVALID_OPTION', 'window is "rollout", "step", or lastMs a number from 1 up')
  return { status: 200, body: canary.metrics({ window }) }
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

async function change(canary: Canary, action: RouteAction, body: unknown): Promise<RouteAnswer> {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    return refusal(400, 'INVALID_OPTION', 'send a JSON object, or nothing')
  }
  try {
    return { status: 200, body: await canary[action]((body ?? {}) as VerbOptions) }
  } catch (error) {
    if (!isCanaryError(error)) throw error
    return refusal(statusOf(error), error.code, error.message)
  }
}

function statusOf({ code }: CanaryError): number {
  if (code === 'STORE_FAILED' || code === 'TARGET_FAILED') return 503
  return CONFLICTS.has(code) ? 409 : 400
}

const refusal = (status: number, code: string, message: string): RouteAnswer => ({
  status,
  body: { error: { code, message } },
})
