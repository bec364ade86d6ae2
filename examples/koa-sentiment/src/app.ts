import type { Canary } from '@model-canary/core'
import { dashboard } from '@model-canary/dashboard'
import { canaryMiddleware, canaryRoutes } from '@model-canary/koa'
import Koa from 'koa'
import { type Answer, afinn, afinnWithReach, type Model } from './models.js'

/** The two models of the service. */
export interface ModelPair {
  readonly baseline: Model
  readonly canary: Model
}

/** `GET /predict?text=…`, `GET /health`, and below `/canary` the canary's page and its routes. */
export function sentimentApp(
  canary: Canary<'v1' | 'v2'>,
  models: ModelPair = { baseline: afinn, canary: afinnWithReach },
) {
  const served = {
    ...models,
    fallback: true,
    predictionOf: ({ prediction }: Answer) => prediction,
    scoreOf: ({ score }: Answer) => score,
  }

  return new Koa()
    .use(canaryRoutes(canary, { authorize: (ctx) => isOperator(ctx.get('authorization')), dashboard: dashboard() }))
    .use(canaryMiddleware(canary, { key: (ctx) => ctx.get('x-user-id') || undefined, versionHeader: true }))
    .use((ctx) => {
      if (ctx.path === '/health') {
        ctx.body = { status: 'ok' } // none of the model's: the canary is not touched
        return
      }
      if (ctx.path !== '/predict') return
      const { text } = ctx.query
      if (typeof text !== 'string') return ctx.throw(400, 'ask with ?text=…')
      ctx.body = ctx.state.canary.run(served, text)
    })
}

/** Operators know the token of the environment. Without one, nobody can change the rollout. */
function isOperator(authorization: string): boolean {
  const { OPERATOR_TOKEN } = process.env
  return OPERATOR_TOKEN !== undefined && authorization === `Bearer ${OPERATOR_TOKEN}`
}
