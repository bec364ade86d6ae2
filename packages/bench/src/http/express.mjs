import { canaryMiddleware } from '@model-canary/express'
import express from 'express'
import promBundle from 'express-prom-bundle'
import { MODELS, predictionOf, sentiment } from './model.mjs'

const keyOf = (req) => req.get('x-user-id')

/** How each variant answers `POST /predict` on Express. */
const routes = {
  bare(app) {
    app.post('/predict', async (req, res) => res.json(await sentiment(req.body.text)))
  },
  wrapped(app, canary) {
    const predict = canary.wrap(MODELS, { key: (_text, user) => user, predictionOf })
    app.post('/predict', async (req, res) => res.json(await predict(req.body.text, keyOf(req))))
  },
  middleware(app, canary) {
    const served = { ...MODELS, predictionOf }
    app.use(canaryMiddleware(canary, { key: keyOf }))
    app.post('/predict', async (req, res) => res.json(await req.canary.run(served, req.body.text)))
  },
  metrics(app) {
    app.use(promBundle({ includeMethod: true, includePath: true, promClient: { collectDefaultMetrics: undefined } }))
    routes.bare(app)
  },
}

/** Serves one variant on Express. */
export function expressServer(variant, canary) {
  const app = express()
  app.use(express.json())
  routes[variant](app, canary)
  return app.listen(0, '127.0.0.1')
}
