import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createCanary } from '@model-canary/core'
import { canaryMiddleware, canaryRoutes } from '@model-canary/koa'
import { manualClock } from '@model-canary/testing'
import Koa3 from 'koa'
import Koa2 from 'koa-v2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function startedCanary() {
  const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, clock: manualClock() })
  closers.push(() => canary.close())
  await canary.start()
  return canary
}

/** Asks the app over a socket of its own. */
async function ask(app: Koa3, path: string, init: RequestInit = {}): Promise<Response> {
  const server = createServer(app.callback())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init)
}

const majors = { 'Koa 3': Koa3, 'Koa 2': Koa2 }

describe.each(Object.entries(majors))('on %s', (_name, Koa) => {
  let canary: Awaited<ReturnType<typeof startedCanary>>

  beforeEach(async () => {
    canary = await startedCanary()
  })

  it('the routes are below /canary unless told otherwise', async () => {
    const app = new Koa().use(canaryRoutes(canary))
    expect((await ask(app, '/canary/status')).status).toBe(200)
    expect((await ask(app, '/status')).status).toBe(404)
    expect((await ask(app, '/canary')).status).toBe(404)
    expect((await ask(app, '/canaryx/status')).status).toBe(404)
  })

  it('a prefix may end in a slash, and "/" is where a mount has been before', async () => {
    expect((await ask(new Koa().use(canaryRoutes(canary, { prefix: '/ops/' })), '/ops/status')).status).toBe(200)
    expect((await ask(new Koa().use(canaryRoutes(canary, { prefix: '/' })), '/status')).status).toBe(200)
  })

  it('a prefix that is no path is refused', () => {
    expect(() => canaryRoutes(canary, { prefix: 'canary' })).toThrow('starts with "/"')
    expect(() => canaryRoutes(canary, { prefix: 7 as never })).toThrow('starts with "/"')
  })

  it('a verb takes the body that a parser left', async () => {
    const app = new Koa()
    app.use((ctx, next) => {
      Object.assign(ctx.request, { body: { expectedStep: 3 } })
      return next()
    })
    app.use(canaryRoutes(canary, { authorize: () => true }))
    expect(
      (await ask(app, '/canary/promote', { method: 'POST', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(409)
  })

  it('a stream is not read for a HEAD, and counts as aborted', async () => {
    const app = new Koa().use(canaryMiddleware(canary)).use((ctx) => {
      const models = { baseline: () => Readable.from(['by v1']), canary: () => Readable.from(['by v2']) }
      ctx.body = ctx.state.canary.run(models)
    })
    expect((await ask(app, '/', { method: 'HEAD' })).status).toBe(200)
    await expect.poll(() => canary.metrics().v1.requestCount + canary.metrics().v2.requestCount).toBe(1)
    expect(canary.metrics().v1.abortedCount + canary.metrics().v2.abortedCount).toBe(1)
  })

  it('a run whose response a time limit of the service has ended counts by its output, and throws nothing', async () => {
    const failures: unknown[] = []
    const app = new Koa()
    app.on('error', (error) => failures.push(error))
    app.use(canaryMiddleware(canary, { versionHeader: true }) as never)
    app.use(async (ctx) => {
      const late = async () => {
        ctx.res.writeHead(503).end('too slow')
        await once(ctx.res, 'close')
        return 'late'
      }
      ctx.body = await ctx.state.canary.run({ baseline: late, canary: late })
    })
    const answer = await ask(app, '/')
    expect([answer.status, await answer.text()]).toEqual([503, 'too slow'])
    await expect.poll(() => canary.metrics().v1.successCount + canary.metrics().v2.successCount).toBe(1)
    expect(failures).toEqual([])
  })
})
