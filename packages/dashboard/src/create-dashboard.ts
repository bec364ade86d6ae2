import {
  type NodeRequest,
  type NodeRoutesOptions,
  nodeRoutes,
  type OperatedRollout,
  type StreamedResponse,
} from '@model-canary/core/adapter'
import type { Defaults } from '@model-canary/foundation'
import { type DashboardOptions, dashboard } from './dashboard.js'

/** The options of {@link createDashboard}: those of the routes, and those of the page. */
export interface DashboardServerOptions<Request>
  extends Omit<NodeRoutesOptions<Request>, 'dashboard' | 'prefix'>,
    DashboardOptions {
  /** The path of the page and the routes. @default '/' */
  readonly prefix?: string
}

/** What an option is if it is not given. */
const DASHBOARD_SERVER_DEFAULTS = { prefix: '/' } as const satisfies Defaults<DashboardServerOptions<never>>

/**
 * Creates a listener for a server of `node:http` that serves the page and the routes of a rollout, for one that runs
 * beside no framework: a controller of a mesh, or of a cron job. Every other path is answered with 404.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * createServer(createDashboard(controller, { authorize })).listen(9100, '127.0.0.1')
 */
export function createDashboard<Request extends NodeRequest>(
  rollouts: OperatedRollout | readonly OperatedRollout[],
  options: DashboardServerOptions<Request> = {},
): (request: Request, response: StreamedResponse) => void {
  const { readOnly, publicPath, prefix = DASHBOARD_SERVER_DEFAULTS.prefix, ...others } = options
  const page = dashboard({
    ...(readOnly !== undefined && { readOnly }),
    ...(publicPath !== undefined && { publicPath }),
  })
  const routes = nodeRoutes<Request>(rollouts, { ...others, prefix, dashboard: page })

  return (request, response) => {
    routes(request, response).then((isAnswered) => {
      if (isAnswered) return
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      response.write('not found\n')
      response.end()
    })
  }
}
