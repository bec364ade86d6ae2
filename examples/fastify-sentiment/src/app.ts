import type { Canary } from '@model-canary/core'
import { dashboard } from '@model-canary/dashboard'
import { canaryPlugin, canaryRoutes } from '@model-canary/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { type Answer, afinn, type Model, restaurantAfinn } from './models.js'

/** The two models of the service. */
export interface ModelPair {
  readonly baseline: Model
  readonly canary: Model
}

interface Question {
  readonly text: string
}

const question = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string', maxLength: 10_000 } },
}

/** `POST /predict {text}`, `GET /health`, and below `/canary` the canary's page and its routes. */
export function sentimentApp(
  canary: Canary<'v1' | 'v2'>,
  models: ModelPair = { baseline: afinn, canary: restaurantAfinn },
): FastifyInstance {
  const served = {
    ...models,
    fallback: true,
    predictionOf: ({ prediction }: Answer) => prediction,
    scoreOf: ({ score }: Answer) => score,
  }
  const app = fastify()
  app.register(canaryPlugin(canary, { key: ({ headers }) => headers['x-user-id']?.toString(), versionHeader: true }))
  app.register(
    canaryRoutes(canary, { authorize: ({ headers }) => isOperator(headers.authorization), dashboard: dashboard() }),
    { prefix: '/canary' },
  )
  app.get('/health', async () => ({ status: 'ok' })) // none of the model's: the canary is not touched
  app.post<{ Body: Question }>('/predict', { schema: { body: question } }, async (request) =>
    request.canary.run(served, request.body.text),
  )
  return app
}

/** Operators know the token of the environment. Without one, nobody can change the rollout. */
function isOperator(authorization: string | undefined): boolean {
  const { OPERATOR_TOKEN } = process.env
  return OPERATOR_TOKEN !== undefined && authorization === `Bearer ${OPERATOR_TOKEN}`
}
