import type { ServerResponse } from 'node:http'
import type { Canary } from '@model-canary/core'
import {
  type CanaryMiddlewareOptions,
  nodeTie,
  type RequestCanary,
  requestCanary,
  resolveMiddleware,
  seat,
} from '@model-canary/core/adapter'
import type { Context, Middleware } from 'koa'

/** What the middleware adds to `ctx.state`. */
export interface CanaryState<Version extends string = string> {
  /** The canary whose middleware this request passed last. */
  canary: RequestCanary<Version>
}

/**
 * Adds the canary to every request as `ctx.state.canary`. It is lazy: requests that never use it are not counted.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.use(canaryMiddleware(canary, { key: (ctx) => ctx.get('x-user-id') || undefined }))
 * app.use(async (ctx) => { ctx.body = await ctx.state.canary.run({ baseline: v1, canary: v2 }, ctx.query.text) })
 */
export function canaryMiddleware<Version extends string>(
  canary: Canary<Version>,
  options: CanaryMiddlewareOptions<Context> = {},
): Middleware<CanaryState<Version>> {
  const { routingOf, versionHeader } = resolveMiddleware('canaryMiddleware', canary, options)
  return function canaryMiddleware(ctx, next) {
    const request = () => routingOf(ctx as Context)
    ctx.state.canary = seat(ctx, canary, () => requestCanary(canary, nodeTie(ctx.res), { request, versionHeader }))
    return versionHeader === false
      ? next()
      : next().catch((error: unknown) => {
          keepHeader(ctx.res, versionHeader)
          throw error
        })
  }
}

/** Keeps a header that was set: before Koa answers an error, it removes all headers but those of the error itself. */
function keepHeader(response: ServerResponse, name: string): void {
  const value = response.getHeader(name)
  if (value === undefined || response.headersSent) return
  const { writeHead } = response
  const writeHeadWithHeader = (...head: Parameters<typeof writeHead>): ServerResponse => {
    if (!response.headersSent && !response.hasHeader(name)) response.setHeader(name, value)
    return writeHead.apply(response, head)
  }
  response.writeHead = writeHeadWithHeader as typeof writeHead
}
