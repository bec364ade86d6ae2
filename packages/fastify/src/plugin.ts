import type { Canary } from '@model-canary/core'
import {
  type CanaryMiddlewareOptions,
  nodeTie,
  type RequestCanary,
  requestCanary,
  resolveMiddleware,
  seat,
} from '@model-canary/core/adapter'
import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** The canary whose plugin this request passed last. */
    canary: RequestCanary
  }
}

/**
 * Adds the canary to every request as `request.canary`. It is lazy: requests that never use it are not counted.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.register(canaryPlugin(canary, { key: (request) => request.headers['x-user-id']?.toString() }))
 * app.post('/predict', (request) => request.canary.run({ baseline: v1, canary: v2 }, request.body))
 */
export function canaryPlugin<Version extends string>(
  canary: Canary<Version>,
  options: CanaryMiddlewareOptions<FastifyRequest> = {},
): FastifyPluginCallback {
  const { routingOf, versionHeader } = resolveMiddleware('canaryPlugin', canary, options)
  const plugin: FastifyPluginCallback = (app, _options, done) => {
    if (!app.hasRequestDecorator('canary')) app.decorateRequest('canary') // only once, also with several canaries
    app.addHook('onRequest', (request, reply, next) => {
      const routing = () => routingOf(request)
      request.canary = seat(request, canary, () =>
        requestCanary(canary, nodeTie(reply.raw), { request: routing, versionHeader }),
      )
      next()
    })
    done()
  }
  return fastifyPlugin(plugin, { name: '@model-canary/fastify', fastify: '5.x' })
}
