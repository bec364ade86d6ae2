import { type CanaryRoutesOptions, createRoutes, type OperatedRollout, readJsonBody } from '@model-canary/core/adapter'
import type { Request, RequestHandler } from 'express'

/**
 * Serves `GET /status`, `GET /history`, `GET /explain`, `GET /metrics` and `GET /events`; with `prometheus` also
 * `GET /metrics.prom`, and with `authorize` a `POST` for every verb. `GET /openapi.json` describes them. The routes of
 * each of several canaries are below its name.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.use('/canary', canaryRoutes(canary))
 */
export function canaryRoutes(
  canary: OperatedRollout | readonly OperatedRollout[],
  options: CanaryRoutesOptions<Request> = {},
): RequestHandler {
  const routes = createRoutes(canary, options)
  return async function canaryRoutes(req, res, next) {
    try {
      const answer = await routes({
        method: req.method,
        path: req.path,
        url: req.originalUrl,
        query: new URLSearchParams(req.url.split('?')[1]), // not req.query: its parser is the app's choice
        headers: req.headers,
        request: req,
        body: () => readJsonBody(req, req.body),
      })
      if (res.headersSent) return // by a time limit of the service: an error would close the connection
      if (answer === undefined) return next()
      if (answer.stream !== undefined) return answer.stream(res)
      res.set(answer.headers).status(answer.status)
      if (answer.contentType === undefined) res.json(answer.body)
      else res.set('content-type', answer.contentType).end(req.method === 'HEAD' ? undefined : answer.body)
    } catch (error) {
      if (!res.headersSent) next(error)
    }
  }
}
