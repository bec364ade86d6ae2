import {
  type CanaryRoutesOptions,
  createRoutes,
  mountPointOf,
  type OperatedRollout,
  readJsonBody,
} from '@model-canary/core/adapter'
import type { Context, Middleware } from 'koa'

/** The options of {@link canaryRoutes}, with a path prefix, because Koa itself has no mount points. */
export interface MountedRoutesOptions extends CanaryRoutesOptions<Context> {
  /** The path of the routes; `'/'` if another middleware strips it, such as koa-mount. @default '/canary' */
  readonly prefix?: string
}

/**
 * Serves `GET /canary/status`, `GET /canary/history`, `GET /canary/explain`, `GET /canary/metrics` and
 * `GET /canary/events`; with `prometheus` also `GET /canary/metrics.prom`, and with `authorize` a `POST` for every verb.
 * `GET /canary/openapi.json` describes them. The routes of each of several canaries are below its name.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.use(canaryRoutes(canary))
 */
export function canaryRoutes(
  canary: OperatedRollout | readonly OperatedRollout[],
  options: MountedRoutesOptions = {},
): Middleware {
  const { prefix = '/canary', ...rest } = options
  const mountPoint = mountPointOf('canaryRoutes', prefix)
  const routes = createRoutes(canary, rest)

  return async function canaryRoutes(ctx, next) {
    if (!`${ctx.path}/`.startsWith(mountPoint)) return next() // as without the slash at the end, too
    const { body } = ctx.request as { readonly body?: unknown } // set by a body parser, if there is one
    const answer = await routes({
      method: ctx.method,
      path: ctx.path.slice(mountPoint.length),
      url: ctx.originalUrl,
      query: new URLSearchParams(ctx.querystring),
      headers: ctx.headers,
      request: ctx as Context,
      body: () => readJsonBody(ctx.req, body),
    })
    if (answer === undefined) return next()
    if (answer.stream !== undefined) {
      ctx.respond = false
      return answer.stream(ctx.res)
    }
    ctx.set(answer.headers)
    ctx.status = answer.status
    ctx.body = answer.body
    if (answer.contentType !== undefined) ctx.set('content-type', answer.contentType)
  }
}
