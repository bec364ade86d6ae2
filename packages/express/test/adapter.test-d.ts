import { createCanary, type Variant } from '@model-canary/core'
import { createController } from '@model-canary/core/controller'
import { canaryHandler, canaryMiddleware, canaryOf, canaryRoutes, type RequestCanary } from '@model-canary/express'
import express, { type Request, type RequestHandler } from 'express'
import { describe, expectTypeOf, it } from 'vitest'

const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
const app = express()

describe('the express adapter', () => {
  it('is an ordinary handler', () => {
    expectTypeOf(canaryMiddleware(canary)).toEqualTypeOf<RequestHandler>()
    expectTypeOf(canaryRoutes(canary)).toEqualTypeOf<RequestHandler>()
  })

  it('gives its functions the request of express', () => {
    canaryMiddleware(canary, { key: (req) => req.get('x-user-id'), attributes: (req) => ({ country: req.ip }) })
    canaryRoutes(canary, {
      authorize(req, action) {
        expectTypeOf(req).toEqualTypeOf<Request>()
        return action === 'pause' && req.get('authorization') === 'secret'
      },
    })
  })

  it('takes a request that names the parameters of its path', () => {
    const models = { baseline: (text: string) => text.length, canary: async (text: string) => text }
    const input = (req: Request<{ id: string }>) => req.params.id
    app.post('/users/:id', canaryHandler(canary, { input, ...models }))
    const send = (output: number | string) => void output
    app.get('/users/:id', canaryHandler(canary, { key: (req) => req.params.id, input, send, ...models }))
    const handler = canaryHandler(canary, { input: (req) => String(req.body), ...models })
    expectTypeOf(handler).toEqualTypeOf<RequestHandler>()
    app.post('/users/:id', handler)
    app.use(handler)
    app.post(/rest/, handler)
    // @ts-expect-error: the models take a text
    app.post('/users/:id', canaryHandler(canary, { input: () => 1, ...models }))
  })

  it('takes a controller, and several rollouts', () => {
    const target = { apply: async () => {} }
    const source = { read: async () => 'no-data' as const }
    const versions = { baseline: 'v1', canary: 'v2' }
    const controller = createController({ name: 'mesh', versions, target, source })
    canaryRoutes(controller)
    canaryRoutes([canary, controller], {
      authorizeReads: true,
      allowedOrigins: ['https://ops.example'],
      async authorize(_req, _action, name) {
        expectTypeOf(name).toEqualTypeOf<string>()
        return { actor: 'ann' }
      },
    })
    // @ts-expect-error: a name alone is no answer, because it is truthy
    canaryRoutes(canary, { authorize: () => 'ann' })
    // @ts-expect-error: options of a canary are no canary
    canaryRoutes({ name: 'sentiment', versions })
  })

  it('puts the canary on every request', () => {
    app.post('/predict', async (req, res) => {
      expectTypeOf(req.canary).toEqualTypeOf<RequestCanary>()
      expectTypeOf(req.canary.variant).toEqualTypeOf<Variant>()
      const models = { baseline: (text: string) => text.length, canary: async (text: string) => text }
      expectTypeOf(req.canary.run(models, 'a text')).toEqualTypeOf<number | Promise<string>>()
      // @ts-expect-error: the models take a text
      req.canary.run(models, 1)
      res.json(await req.canary.run(models, 'a text'))
    })
  })

  it('knows the versions by canaryOf', () => {
    app.get('/version', (req) => {
      expectTypeOf(canaryOf(req, canary)).toEqualTypeOf<RequestCanary<'v1' | 'v2'>>()
      expectTypeOf(canaryOf(req, canary).version).toEqualTypeOf<'v1' | 'v2'>()
    })
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
    // @ts-expect-error: express mounts by app.use
    canaryRoutes(canary, { prefix: '/canary' })
  })
})
