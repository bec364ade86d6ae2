import { canaryPlugin } from '@model-canary/fastify'
import fastify from 'fastify'
import fastifyMetrics from 'fastify-metrics'
import { MODELS, predictionOf, sentiment } from './model.mjs'

const keyOf = (request) => request.headers['x-user-id']

/** How each variant answers `POST /predict` on Fastify. */
const routes = {
  async bare(app) {
    app.post('/predict', (request) => sentiment(request.body.text))
  },
  async wrapped(app, canary) {
    const predict = canary.wrap(MODELS, { key: (_text, user) => user, predictionOf })
    app.post('/predict', (request) => predict(request.body.text, keyOf(request)))
  },
  async middleware(app, canary) {
    const served = { ...MODELS, predictionOf }
    await app.register(canaryPlugin(canary, { key: keyOf }))
    app.post('/predict', (request) => request.canary.run(served, request.body.text))
  },
  async metrics(app) {
    await app.register(fastifyMetrics, { endpoint: '/metrics', defaultMetrics: { enabled: false } })
    await routes.bare(app)
  },
}

/** Serves one variant on Fastify. */
export async function fastifyServer(variant, canary) {
  const app = fastify()
  await routes[variant](app, canary)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
