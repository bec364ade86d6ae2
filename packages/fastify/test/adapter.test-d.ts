import { createCanary, type Variant } from '@model-canary/core'
import { canaryOf, canaryPlugin, canaryRoutes, type RequestCanary } from '@model-canary/fastify'
import fastify, { type FastifyPluginCallback, type FastifyRequest } from 'fastify'
import { describe, expectTypeOf, it } from 'vitest'

const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } })
const app = fastify()

describe('the fastify adapter', () => {
  it('is an ordinary plugin', () => {
    expectTypeOf(canaryPlugin(canary)).toEqualTypeOf<FastifyPluginCallback>()
    expectTypeOf(canaryRoutes(canary)).toEqualTypeOf<FastifyPluginCallback>()
    app.register(canaryPlugin(canary, { versionHeader: true }))
    app.register(canaryRoutes(canary), { prefix: '/canary' })
  })

  it('gives its functions the request of fastify', () => {
    canaryPlugin(canary, { key: ({ headers }) => headers['x-user-id']?.toString(), attributes: ({ ip }) => ({ ip }) })
    canaryRoutes(canary, {
      authorize(request, action) {
        expectTypeOf(request).toEqualTypeOf<FastifyRequest>()
        return action === 'pause' && request.headers.authorization === 'secret'
      },
    })
  })

  it('puts the canary on every request', () => {
    app.post<{ Body: { text: string } }>('/predict', async (request) => {
      expectTypeOf(request.canary).toEqualTypeOf<RequestCanary>()
      expectTypeOf(request.canary.variant).toEqualTypeOf<Variant>()
      const models = { baseline: (text: string) => text.length, canary: async (text: string) => text }
      expectTypeOf(request.canary.run(models, request.body.text)).toEqualTypeOf<number | Promise<string>>()
      // @ts-expect-error: the models take a text
      request.canary.run(models, 1)
      return request.canary.run(models, request.body.text)
    })
  })

  it('knows the versions by canaryOf', () => {
    app.get('/version', async (request) => {
      expectTypeOf(canaryOf(request, canary)).toEqualTypeOf<RequestCanary<'v1' | 'v2'>>()
      expectTypeOf(canaryOf(request, canary).version).toEqualTypeOf<'v1' | 'v2'>()
    })
  })

  it('takes numbers and bigints for keys', () => {
    canaryPlugin(canary, { key: () => 1 })
    canaryPlugin(canary, { key: () => 1n })
    canaryPlugin(canary, { key: () => null })
  })

  it('refuses options that there are not', () => {
    // @ts-expect-error: a typo
    canaryPlugin(canary, { kye: () => 'ann' })
    // @ts-expect-error: a key is a string, a number or a bigint
    canaryPlugin(canary, { key: () => true })
    // @ts-expect-error: fastify takes the prefix itself
    canaryRoutes(canary, { prefix: '/canary' })
  })
})
