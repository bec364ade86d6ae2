import { openApiOf } from './openapi.js'
import { pageRoute } from './page-route.js'
import { type AskPermission, deniedFor } from './permissions.js'
import { answer, type RouteAnswer } from './route-answer.js'
import type { ResolvedRoutes } from './route-options.js'
import { isRead, type RouteRequest } from './route-request.js'

/**
 * Creates the routes that are not of one rollout: the page, the list of all, their description, and the metrics for
 * Prometheus.
 */
export function rootRoutes<Request>(resolved: ResolvedRoutes<Request>, ask: AskPermission<Request>) {
  const { rollouts, areSeveral, authorizeReads, prometheus, dashboard } = resolved
  const page = dashboard && pageRoute<Request>(dashboard)
  const list = () =>
    [...rollouts].map(([name, rollout]) => {
      const { state, weight, versions } = rollout.status()
      return { name, path: areSeveral ? `${encodeURIComponent(name)}/` : '', state, weight, versions }
    })
  const isReader = async (request: Request): Promise<boolean> => {
    const asked = [...rollouts.keys()].map((name) => ask(request, 'status', name))
    return (await Promise.all(asked)).every(({ isAllowed }) => isAllowed)
  }
  const answers: Readonly<Record<string, (accept: string | undefined) => RouteAnswer>> = {
    rollouts: () => answer(200, { body: list() }),
    'openapi.json': () => answer(200, { body: openApiOf(resolved) }),
    ...(prometheus && { 'metrics.prom': (accept) => answer(200, prometheus.render(accept)) }),
  }

  return async (route: string, request: RouteRequest<Request>): Promise<RouteAnswer | undefined> => {
    if (!isRead(request)) return undefined
    if (!Object.hasOwn(answers, route)) return page?.(route, request)
    if (authorizeReads && !(await isReader(request.request))) return deniedFor(request.headers, 'reading')
    const { accept } = request.headers
    return answers[route]?.(typeof accept === 'string' ? accept : undefined)
  }
}
