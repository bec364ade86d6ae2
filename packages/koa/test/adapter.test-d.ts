import Router from '@koa/router'
import { createCanary } from '@model-canary/core'
import { canaryMiddleware, canaryOf, canaryRoutes, type RequestCanary } from '@model-canary/koa'
import Koa, { type Context, type Middleware } from 'koa'
import { describe, expectTypeOf, it } from 'vitest'

const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
const models = { baseline: (text: string) => text.length, canary: async (text: string) => text }

describe('the koa adapter', () => {
  it('types the state of the app that uses it', () => {
    new Koa().use(canaryMiddleware(canary)).use(async (ctx) => {
      expectTypeOf(ctx.state.canary).toEqualTypeOf<RequestCanary<'v1' | 'v2'>>()
      expectTypeOf(ctx.state.canary.version).toEqualTypeOf<'v1' | 'v2'>()
      expectTypeOf(ctx.state.canary.run(models, 'a text')).toEqualTypeOf<number | Promise<string>>()
      // @ts-expect-error: the models take a text
      ctx.state.canary.run(models, 1)
    })
  })

  it('keeps what other middleware adds to the state', () => {
    const session: Middleware<{ user: string }> = (_ctx, next) => next()
    new Koa()
      .use(session)
      .use(canaryMiddleware(canary))
      .use((ctx) => {
        expectTypeOf(ctx.state.user).toEqualTypeOf<string>()
        expectTypeOf(ctx.state.canary).toEqualTypeOf<RequestCanary<'v1' | 'v2'>>()
      })
  })

  it('goes before the routes of @koa/router', () => {
    const router = new Router()
    router.get('/predict', canaryMiddleware(canary), (ctx) => {
      expectTypeOf(canaryOf(ctx, canary)).toEqualTypeOf<RequestCanary<'v1' | 'v2'>>()
    })
  })

  it('gives its functions the context of koa', () => {
    canaryMiddleware(canary, { key: (ctx) => ctx.get('x-user-id'), attributes: (ctx) => ({ country: ctx.ip }) })
    canaryRoutes(canary, {
      prefix: '/operate',
      authorize(ctx, action) {
        expectTypeOf(ctx).toEqualTypeOf<Context>()
        return action === 'pause' && ctx.get('authorization') === 'secret'
      },
    })
    expectTypeOf(canaryRoutes(canary)).toEqualTypeOf<Middleware>()
  })

  it('takes numbers and bigints for keys', () => {
    canaryMiddleware(canary, { key: () => 1 })
    canaryMiddleware(canary, { key: () => 1n })
    canaryMiddleware(canary, { key: () => null })
  })

  it('refuses options that there are not', () => {
    // @ts-expect-error: a typo
    canaryMiddleware(canary, { kye: () => 'ann' })
    // @ts-expect-error: a key is a string, a number or a bigint
    canaryMiddleware(canary, { key: () => true })
    // @ts-expect-error: a prefix is a path
    canaryRoutes(canary, { prefix: 1 })
  })
})
