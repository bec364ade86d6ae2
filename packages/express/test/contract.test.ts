import { createServer } from 'node:http'
import { pipeline } from 'node:stream'
import { canaryMiddleware, canaryOf, canaryRoutes } from '@model-canary/express'
import { type AdapterRoute, type AdapterSetup, adapterContract } from '@model-canary/testing'
import express5, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express'
import express4 from 'express-v4'
import { describe, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 30_000 })

const handlerOf =
  ({ answer }: AdapterRoute): RequestHandler =>
  (req, res, next) => {
    const given = answer({ request: req, canary: req.canary, canaryOf: (canary) => canaryOf(req, canary) })
    Promise.resolve(given)
      .then(({ status = 200, body }) => {
        res.status(status)
        if (typeof body === 'string') res.send(body)
        else pipeline(body, res, () => {})
      })
      .catch(next) // Express 4 does not look at promises
  }

function mountOn(express: typeof express5) {
  type Content = Pick<AdapterSetup, 'canaries' | 'routes'>
  const fill = (router: Router, { canaries, routes }: Content): Router => {
    for (const { canary, options } of canaries) router.use(canaryMiddleware(canary, options))
    for (const route of routes) router.get(route.path, handlerOf(route))
    return router
  }
  return (setup: AdapterSetup) => {
    const app = express()
    for (const { path, canary, options } of setup.operated) app.use(path, canaryRoutes(canary, options))
    fill(app, setup)
    for (const nested of setup.nested) app.use(nested.path, fill(express.Router(), nested))
    app.use(((error, _req, _res, next) => {
      setup.onError(error)
      next(error)
    }) satisfies ErrorRequestHandler)
    return { server: createServer(app) }
  }
}

const script = new URL('service.mjs', import.meta.url)

describe('Express 5', () => {
  adapterContract({ it }, 'express 5', mountOn(express5), { service: { script, args: ['express'] } })
})

describe('Express 4', () => {
  adapterContract({ it }, 'express 4', mountOn(express4), {
    service: { script, args: ['express-v4'] },
  })
})
