import { OPERATOR_VERBS } from '../../controller/verbs.js'
import type { Clock } from '../../runtime/clock.js'
import { headerOf, isCrossSite } from './cross-site.js'
import { createEventFeed } from './event-feed.js'
import { EVENT_STREAM } from './event-viewer.js'
import { type AskPermission, deniedFor } from './permissions.js'
import { createRate } from './rate.js'
import { readRouteOf } from './read-routes.js'
import { rightsOf } from './rights.js'
import { answer, type RouteAnswer, refusal } from './route-answer.js'
import type { OperatedRollout, ResolvedRoutes, RouteAction } from './route-options.js'
import { isRead, type RouteRequest } from './route-request.js'
import { sendVerb } from './send-verb.js'
import { withSharedMetrics } from './shared-metrics.js'

/** The options of {@link rolloutRoutes}. */
export interface RolloutRoutesOptions<Request>
  extends Pick<ResolvedRoutes<Request>, 'authorize' | 'authorizeReads' | 'allowedOrigins'> {
  readonly name: string
  readonly rollout: OperatedRollout
  readonly ask: AskPermission<Request>
  readonly clock: Clock
}

/** How many verbs that may give the canary more are carried out. */
const VERB_RATE = { burst: 20, perSecond: 1 } as const

/** Creates the routes of one rollout; each resolves to `undefined` if it does not exist. */
export function rolloutRoutes<Request>(options: RolloutRoutesOptions<Request>) {
  const { name, ask, authorize, authorizeReads, allowedOrigins, clock } = options
  const rollout = withSharedMetrics(options.rollout, clock)
  const feed = createEventFeed(rollout, clock)
  const take = createRate(clock, VERB_RATE)

  const trustIn = ({ request }: RouteRequest<Request>) => {
    let asked: Promise<boolean> | undefined
    return (): Promise<boolean> => {
      asked ??= ask(request, 'status', name).then(({ isAllowed }) => isAllowed)
      return asked
    }
  }

  const events = async ({ method, headers }: RouteRequest<Request>, isTrusted: boolean): Promise<RouteAnswer> => {
    if (feed.isFull) return TOO_MANY_VIEWERS
    const lastEventId = headerOf(headers, 'last-event-id')
    const head = answer(200, { contentType: EVENT_STREAM, body: '' })
    if (method === 'HEAD') return head
    return { ...head, stream: (response) => feed.open({ response, isTrusted, lastEventId }) }
  }

  /** The routes that only read, and need more than the rollout. */
  const reads: Readonly<
    Record<string, (request: RouteRequest<Request>, isTrusted: () => Promise<boolean>) => Promise<RouteAnswer>>
  > = {
    events: async (request, isTrusted) => events(request, await isTrusted()),
    rights: async ({ request }) => answer(200, { body: await rightsOf(ask, request, name, authorize !== undefined) }),
  }

  const read = async (route: string, request: RouteRequest<Request>): Promise<RouteAnswer | undefined> => {
    const reading = readRouteOf(route)
    const own = Object.hasOwn(reads, route) ? reads[route] : undefined
    if (reading === undefined && own === undefined) return undefined
    const isTrusted = trustIn(request)
    if (authorizeReads && !(await isTrusted())) return deniedFor(request.headers, `reading ${name}`)
    return own?.(request, isTrusted) ?? reading?.({ rollout, query: request.query, isTrusted })
  }

  const send = async (action: RouteAction, request: RouteRequest<Request>): Promise<RouteAnswer> => {
    const { headers, body } = request
    if (isCrossSite(headers, allowedOrigins))
      return refusal(403, 'CROSS_SITE', `${action} is not taken from a page of another site`)
    const { isAllowed, actor } = await ask(request.request, action, name)
    if (!isAllowed) return deniedFor(headers, action)
    return sendVerb({ rollout, action, headers, actor, body, take, isTrusted: trustIn(request) })
  }

  return async (route: string, request: RouteRequest<Request>): Promise<RouteAnswer | undefined> => {
    if (isRead(request)) return read(route, request)
    const action = OPERATOR_VERBS.find((verb) => verb === route)
    if (request.method !== 'POST' || action === undefined || authorize === undefined) return undefined
    return send(action, request)
  }
}

const TOO_MANY_VIEWERS = /* @__PURE__ */ refusal(503, 'TOO_MANY', 'too many clients read the events; try again', {
  headers: { 'retry-after': '10' },
})
