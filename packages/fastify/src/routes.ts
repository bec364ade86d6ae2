import { type CanaryRoutesOptions, createRoutes, type OperatedRollout, readJsonBody } from '@model-canary/core/adapter'
import type { FastifyPluginCallback, FastifyRequest } from 'fastify'

/**
 * Serves `GET /status`, `GET /history`, `GET /explain`, `GET /metrics` and `GET /events`; with `prometheus` also
 * `GET /metrics.prom`, and with `authorize` a `POST` for every verb. `GET /openapi.json` describes them. The routes of
 * each of several canaries are below its name.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.register(canaryRoutes(canary), { prefix: '/canary' })
 */
export function canaryRoutes(
  canary: OperatedRollout | readonly OperatedRollout[],
  options: CanaryRoutesOptions<FastifyRequest> = {},
): FastifyPluginCallback {
  const routes = createRoutes(canary, options)
  return function canaryRoutes(app, _options, done) {
    app.removeAllContentTypeParsers() // of this plugin: Fastify's own one refuses an empty body, also of a rollback
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const url of options.dashboard === undefined ? ['/*'] : ['/', '/*'])
      app.route<{ Params: { '*'?: string } }>({
        method: options.authorize === undefined ? ['GET'] : ['GET', 'POST'],
        url, // `/` is the prefix without the slash at its end, too
        async handler(request, reply) {
          const answer = await routes({
            method: request.method,
            path: request.params['*'] ?? '',
            url: request.originalUrl,
            query: new URLSearchParams(request.url.split('?')[1]), // not request.query: its parser is the app's choice
            headers: request.headers,
            request: request as FastifyRequest,
            body: () => readJsonBody(request.raw, request.body),
          })
          if (answer === undefined) return reply.callNotFound()
          if (answer.stream !== undefined) {
            reply.hijack()
            for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? '')
            return answer.stream(reply.raw)
          }
          if (answer.contentType !== undefined) reply.header('content-type', answer.contentType)
          return reply.code(answer.status).headers(answer.headers).send(answer.body)
        },
      })
    done()
  }
}
