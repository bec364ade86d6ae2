import { canaryMiddleware } from '@model-canary/koa'
import Koa from 'koa'
import { MODELS, predictionOf, sentiment } from './model.mjs'

const keyOf = (ctx) => ctx.get('x-user-id')

/** How each variant answers on Koa. */
const routes = {
  bare(app) {
    app.use(async (ctx) => {
      const { text } = await bodyOf(ctx)
      ctx.body = await sentiment(text)
    })
  },
  wrapped(app, canary) {
    const predict = canary.wrap(MODELS, { key: (_text, user) => user, predictionOf })
    app.use(async (ctx) => {
      const { text } = await bodyOf(ctx)
      ctx.body = await predict(text, keyOf(ctx))
    })
  },
  middleware(app, canary) {
    const served = { ...MODELS, predictionOf }
    app.use(canaryMiddleware(canary, { key: keyOf }))
    app.use(async (ctx) => {
      const { text } = await bodyOf(ctx)
      ctx.body = await ctx.state.canary.run(served, text)
    })
  },
}

/** Koa brings no body parser. */
async function bodyOf({ req }) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** Serves one variant on Koa. */
export function koaServer(variant, canary) {
  const app = new Koa()
  routes[variant](app, canary)
  return app.listen(0, '127.0.0.1')
}
