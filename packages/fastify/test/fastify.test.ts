import { once } from 'node:events'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createCanary } from '@model-canary/core'
import { canaryPlugin, canaryRoutes } from '@model-canary/fastify'
import { manualClock } from '@model-canary/testing'
import { fastify } from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'

const models = { baseline: () => 'by v1', canary: () => 'by v2' }

async function startedCanary() {
  const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, clock: manualClock() })
  await canary.start()
  return canary
}

let canary: Awaited<ReturnType<typeof startedCanary>>

beforeEach(async () => {
  canary = await startedCanary()
})

afterEach(() => canary.close())

const finished = () => canary.metrics().v1.requestCount + canary.metrics().v2.requestCount
const succeeded = () => canary.metrics().v1.successCount + canary.metrics().v2.successCount

it('counts what app.inject sends like what comes over a socket', async () => {
  const app = fastify().register(canaryPlugin(canary, { versionHeader: true }))
  app.get('/run', async (request) => request.canary.run(models))
  app.get('/read', async (request) => request.canary.version)
  app.get('/health', async () => 'ok')
  expect((await app.inject('/run')).headers['x-model-version']).toMatch(/^v[12]$/)
  expect((await app.inject('/read')).statusCode).toBe(200)
  expect((await app.inject('/health')).headers).not.toHaveProperty('x-model-version')
  await expect.poll(finished).toBe(2)
  expect(succeeded()).toBe(2)
  await app.close()
})

it('reaches the routes beside it, since it is no scope of its own', async () => {
  const app = fastify()
  app.get('/before', async (request) => request.canary.run(models))
  app.register(canaryPlugin(canary))
  app.register(async (scope) => scope.get('/nested', async (request) => request.canary.run(models)))
  expect((await app.inject('/before')).statusCode).toBe(200)
  expect((await app.inject('/nested')).statusCode).toBe(200)
  await app.close()
})

it('stays in the scope that it is registered in', async () => {
  const app = fastify()
  app.get('/outside', async (request) => String(request.canary))
  app.register(async (scope) => {
    scope.register(canaryPlugin(canary))
    scope.get('/inside', async (request) => request.canary.run(models))
  })
  expect((await app.inject('/inside')).body).toMatch(/^by v[12]$/)
  expect((await app.inject('/outside')).body).toBe('undefined')
  await app.close()
})

it('has one route to read and one to change, the latter only with authorize', async () => {
  const open = fastify().register(canaryRoutes(canary), { prefix: '/canary' })
  const guarded = fastify().register(canaryRoutes(canary, { authorize: () => true }), { prefix: '/canary' })
  await Promise.all([open.ready(), guarded.ready()])
  expect(open.hasRoute({ method: 'GET', url: '/canary/*' })).toBe(true)
  expect(open.hasRoute({ method: 'POST', url: '/canary/*' })).toBe(false)
  expect(guarded.hasRoute({ method: 'POST', url: '/canary/*' })).toBe(true)
  await Promise.all([open.close(), guarded.close()])
})

it('serves over HTTP/2, where a client that leaves is aborted as well', async () => {
  const app = fastify({ http2: true }).register(canaryPlugin(canary, { versionHeader: true }))
  app.get('/read', async (request) => request.canary.version)
  app.get('/hung', (request) => void request.canary.version)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)

  const read = client.request({ ':path': '/read' })
  const [head] = await once(read, 'response')
  await once(read.resume(), 'close')
  expect(head['x-model-version']).toMatch(/^v[12]$/)
  await expect.poll(succeeded).toBe(1)

  const hung = client.request({ ':path': '/hung' })
  await expect.poll(() => canary.metrics().v1.inFlight + canary.metrics().v2.inFlight).toBe(1)
  hung.close(8) // CANCEL
  await expect.poll(finished).toBe(2)
  expect(canary.metrics().v1.abortedCount + canary.metrics().v2.abortedCount).toBe(1)
  client.close()
  await app.close()
})

it('counts a run by its output if a time limit of the service has ended the response, and throws nothing', async () => {
  const failures: unknown[] = []
  const app = fastify().register(canaryPlugin(canary, { versionHeader: true }))
  app.addHook('onError', async (_request, _reply, error) => void failures.push(error))
  app.get('/', (request, reply) => {
    const late = async () => {
      reply.raw.writeHead(503).end('too slow')
      await once(reply.raw, 'close')
      return 'late'
    }
    return request.canary.run({ baseline: late, canary: late })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`)
  expect([answer.status, await answer.text()]).toEqual([503, 'too slow'])
  await expect.poll(succeeded).toBe(1)
  expect(failures).toEqual([])
  await app.close()
})
