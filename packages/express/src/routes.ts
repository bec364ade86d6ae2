import type { Canary } from '@model-canary/core'
import { type CanaryRoutesOptions, createRoutes, readJsonBody } from '@model-canary/core/adapter'
import type { Request, RequestHandler } from 'express'

/**
 * Serves `GET /status`, `GET /history`, `GET /explain` and `GET /metrics`; with `prometheus` also
 * `GET /metrics.prom`, and with `authorize` a `POST` for every verb.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * app.use('/canary', canaryRoutes(canary))
 */
export function canaryRoutes(canary: Canary, options: CanaryRoutesOptions<Request> = {}): RequestHandler {
  const routes = createRoutes(canary, options)
  return async function canaryRoutes(req, res, next) {
    try {
      const answer = await routes({
        method: req.method,
        path: req.path,
        query: new URLSearchParams(req.url.split('?')[1]), // not req.query: its parser is the app's choice
        headers: req.headers,
        request: req,
        body: () => readJsonBody(req, req.body),
      })
      if (answer === undefined) return next()
      res.set(answer.headers).status(answer.status)
      if (answer.contentType === undefined) res.json(answer.body)
      else res.set('content-type', answer.contentType).end(req.method === 'HEAD' ? undefined : answer.body)
    } catch (error) {
      next(error)
    }
  }
}
