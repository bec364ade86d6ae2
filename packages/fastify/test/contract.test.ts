import { canaryOf, canaryPlugin, canaryRoutes } from '@model-canary/fastify'
import { type AdapterRoute, type AdapterSetup, adapterContract } from '@model-canary/testing'
import { type FastifyInstance, fastify, type RouteHandlerMethod } from 'fastify'
import { describe, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 30_000 })

const handlerOf =
  ({ answer }: AdapterRoute): RouteHandlerMethod =>
  (request, reply) => {
    const given = answer({ request, canary: request.canary, canaryOf: (canary) => canaryOf(request, canary) })
    return Promise.resolve(given).then(({ status = 200, body }) => reply.code(status).send(body))
  }

function fill(app: FastifyInstance, { canaries, routes }: Pick<AdapterSetup, 'canaries' | 'routes'>): void {
  for (const { canary, options } of canaries) app.register(canaryPlugin(canary, options))
  for (const route of routes) app.get(route.path, handlerOf(route))
}

async function mount(setup: AdapterSetup) {
  const app = fastify()
  app.addHook('onError', async (_request, _reply, error) => setup.onError(error))
  fill(app, setup)
  for (const nested of setup.nested) app.register(async (scope) => fill(scope, nested), { prefix: nested.path })
  for (const { path, canary, options } of setup.operated) app.register(canaryRoutes(canary, options), { prefix: path })
  await app.ready()
  return { server: app.server, close: () => app.close() }
}

const script = new URL('service.mjs', import.meta.url)

describe('Fastify 5', () => {
  adapterContract({ it }, 'fastify 5', mount, { service: { script } })
})
