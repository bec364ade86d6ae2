import { createServer } from 'node:http'
import Router from '@koa/router'
import { canaryMiddleware, canaryOf, canaryRoutes } from '@model-canary/koa'
import { type AdapterRoute, type AdapterSetup, adapterContract } from '@model-canary/testing'
import Koa3, { type Middleware } from 'koa'
import Koa2 from 'koa-v2'
import { describe, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 30_000 })

const handlerOf =
  ({ answer }: AdapterRoute): Middleware =>
  async (ctx) => {
    const given = answer({ request: ctx, canary: ctx.state.canary, canaryOf: (canary) => canaryOf(ctx, canary) })
    const { status = 200, body } = await given
    ctx.status = status
    ctx.body = body
  }

function routerOf({ canaries, routes }: Pick<AdapterSetup, 'canaries' | 'routes'>): Router {
  const router = new Router()
  for (const { canary, options } of canaries) router.use(canaryMiddleware(canary, options))
  for (const route of routes) router.get(route.path, handlerOf(route))
  return router
}

const mountOn = (Koa: typeof Koa3) => (setup: AdapterSetup) => {
  const app = new Koa()
  app.on('error', setup.onError)
  for (const { canary, options } of setup.canaries) app.use(canaryMiddleware(canary, options))
  for (const { path, canary, options } of setup.operated) app.use(canaryRoutes(canary, { ...options, prefix: path }))
  const router = routerOf({ canaries: [], routes: setup.routes })
  for (const nested of setup.nested) router.use(nested.path, routerOf(nested).routes())
  app.use(router.routes())
  return { server: createServer(app.callback()) }
}

const script = new URL('service.mjs', import.meta.url)

describe('Koa 3', () => {
  adapterContract({ it }, 'koa 3', mountOn(Koa3), { service: { script, args: ['koa'] } })
})

describe('Koa 2', () => {
  adapterContract({ it }, 'koa 2', mountOn(Koa2), { service: { script, args: ['koa-v2'] } })
})
