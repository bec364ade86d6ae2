import type { Canary } from '../../canary/canary.js'
import type { Controller } from '../../controller/controller-contract.js'
import type { OperatorVerb } from '../../controller/verbs.js'
import { CanaryError } from '../../foundation/errors.js'
import { type Defaults, flag, optionalFunction, refuseUnknown, show } from '../../foundation/options.js'
import { withMethods } from '../../foundation/with-methods.js'
import { refuseNoCanary } from '../middleware-options.js'
import type { RoutesPage } from './page-route.js'

/** What an operator can do over HTTP if `authorize` is given. */
export type RouteAction = OperatorVerb

/**
 * What `authorize` decides on: a verb, or `'status'`, the right to see the words of other people's errors, and with
 * `authorizeReads` to see anything.
 */
export type AuthorizedAction = RouteAction | 'status'

/** What `authorize` says: whether the request may do it, and who sent it, for the history. */
export type Authorization = boolean | { readonly actor: string }

/** A rollout that has routes: a canary in this process, or a controller of a rollout elsewhere. */
export type OperatedRollout = Omit<Controller, 'start' | 'run' | 'evaluate' | 'deliverTo' | 'close' | 'points'> &
  Partial<Pick<Canary, 'metrics' | 'points'>>

/** The options of the routes; `Request` is the framework's type. */
export interface CanaryRoutesOptions<Request> {
  /**
   * Returns whether this request may do this to the rollout of this name; with `{ actor }` also who sent it, which the
   * history then shows in place of the `actor` of the body. With `'status'` it decides whether the answers show what
   * models, gates, targets and stores failed with: those of the `GET` routes, and those of the verbs. Without
   * `authorize` no route changes anything, and no answer shows those words. Longer than 10 s is a no.
   */
  readonly authorize?: (
    request: Request,
    action: AuthorizedAction,
    name: string,
  ) => Authorization | Promise<Authorization>
  /** Answers the `GET` routes only to those whom `authorize` allows `'status'`. @default false */
  readonly authorizeReads?: boolean
  /**
   * The origins of pages that may send verbs, such as `https://ops.example`, besides that of the requested host. Needed
   * where a proxy changes the `Host` header and browsers send no `Sec-Fetch-Site`. @default []
   */
  readonly allowedOrigins?: readonly string[]
  /** Serves `GET /metrics.prom`: `prometheusExporter(canary)` of `@model-canary/prometheus`. */
  readonly prometheus?: TextExporter
  /** Serves a page for people at `GET /`: `dashboard()` of `@model-canary/dashboard`. */
  readonly dashboard?: RoutesPage
}

/** What an option is if it is not given. */
const ROUTES_DEFAULTS = { authorizeReads: false, allowedOrigins: [] } as const satisfies Defaults<
  CanaryRoutesOptions<never>
>

/** Writes a text in the form that an `Accept` header asks for. */
export interface TextExporter {
  /** Returns the text and its content type for an `Accept` header. */
  render(accept?: string): { readonly contentType: string; readonly body: string }
}

/** Checked options. */
export interface ResolvedRoutes<Request>
  extends Pick<CanaryRoutesOptions<Request>, 'authorize' | 'prometheus' | 'dashboard'> {
  /** The rollouts, by their names. */
  readonly rollouts: ReadonlyMap<string, OperatedRollout>
  /** Whether the routes of each are below its name. */
  readonly areSeveral: boolean
  readonly authorizeReads: boolean
  readonly allowedOrigins: ReadonlySet<string>
}

/** Returns the options of the routes, checked and complete. Throws a `CanaryError` if they cannot be used. */
export function resolveRoutes<Request>(
  given: OperatedRollout | readonly OperatedRollout[],
  options: CanaryRoutesOptions<Request>,
): ResolvedRoutes<Request> {
  const areSeveral = Array.isArray(given)
  const list: readonly OperatedRollout[] = areSeveral ? given : [given]
  if (list.length === 0) throw new CanaryError('INVALID_OPTION', `${WHERE}: the list of canaries is empty`)
  for (const each of list) refuseNoCanary(WHERE, each, ['status', 'history'])
  const rollouts = new Map(list.map((each) => [each.status().name, each]))
  if (rollouts.size < list.length) {
    const advice = 'give each another name, because it is the path of its routes'
    throw new CanaryError('INVALID_OPTION', `${WHERE}: two canaries have the same name; ${advice}`)
  }
  refuseUnknown(WHERE, options, { authorize: 1, authorizeReads: 1, allowedOrigins: 1, prometheus: 1, dashboard: 1 })
  const { prometheus, dashboard, authorizeReads = ROUTES_DEFAULTS.authorizeReads } = options
  const { allowedOrigins = ROUTES_DEFAULTS.allowedOrigins } = options
  const authorize = optionalFunction(`${WHERE}: authorize`, options.authorize)
  if (flag(`${WHERE}: authorizeReads`, authorizeReads) && authorize === undefined)
    throw new CanaryError('INVALID_OPTION', `${WHERE}: authorizeReads needs authorize`)
  if (prometheus !== undefined) withMethods(`${WHERE}: prometheus`, prometheus, ['render'])
  if (dashboard !== undefined) withMethods(`${WHERE}: dashboard`, dashboard, ['file'])
  return {
    rollouts,
    areSeveral,
    authorizeReads,
    allowedOrigins: originsOf(allowedOrigins),
    ...(authorize && { authorize }),
    ...(prometheus && { prometheus }),
    ...(dashboard && { dashboard }),
  }
}

const WHERE = 'canaryRoutes'

function originsOf(origins: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(origins))
    throw new CanaryError('INVALID_OPTION', `${WHERE}: allowedOrigins must be a list, got ${show(origins)}`)
  for (const origin of origins) {
    if (typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin) continue
    const wanted = 'such as "https://ops.example", without a path'
    throw new CanaryError('INVALID_OPTION', `${WHERE}: allowedOrigins takes origins ${wanted}, got ${show(origin)}`)
  }
  return new Set(origins)
}
