import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCanary } from '@model-canary/core'
import { canaryRoutes } from '@model-canary/express'
import { manualClock } from '@model-canary/testing'
import express5 from 'express'
import express4 from 'express-v4'
import { afterEach, describe, expect, it } from 'vitest'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

async function post(
  app: express5.Express,
  path: string,
  body?: string,
  type = 'application/json',
  more: Record<string, string> = {},
): Promise<number> {
  const server = createServer(app)
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const headers = { 'content-type': type, connection: 'close', ...more }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  const { status } = await fetch(url, { method: 'POST', headers, ...(body === undefined ? {} : { body }) })
  server.close()
  return status
}

async function startedCanary() {
  const canary = createCanary({ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, clock: manualClock() })
  await canary.start()
  return canary
}

const majors = { 'Express 5': express5, 'Express 4': express4 }

describe.each(Object.entries(majors))('the verbs on %s', (_name, express) => {
  it('read the body where a parser has been before them', async () => {
    const canary = await startedCanary()
    const app = express().use(express.json(), canaryRoutes(canary, { authorize: () => true }))
    expect(await post(app, '/promote', '{"expectedStep":3}')).toBe(409)
    expect(await post(app, '/pause', '{"reason":"lunch"}')).toBe(200)
    expect(await post(app, '/resume', '{"expectedStep":0}')).toBe(200)
    await canary.close()
  })

  it('read the body by themselves where none has', async () => {
    const canary = await startedCanary()
    const app = express().use(canaryRoutes(canary, { authorize: () => true }))
    expect(await post(app, '/promote', '{"expectedStep":3}')).toBe(409)
    expect(await post(app, '/pause', '{"reason":"lunch"}')).toBe(200)
    expect(await post(app, '/resume', '{"expectedStep":0}')).toBe(200)
    await canary.close()
  })

  it('answer a body that is too long instead of cutting the connection', async () => {
    const canary = await startedCanary()
    const app = express().use(canaryRoutes(canary, { authorize: () => true }))
    expect(await post(app, '/promote', JSON.stringify({ reason: 'x'.repeat(200_000) }))).toBe(400)
    await canary.close()
  })

  it('lose no body that the parser did not read, and take none that a page of another site could send', async () => {
    const canary = await startedCanary()
    const options = { authorize: () => true }
    const parsers = [express.json(), express.urlencoded({ extended: true }), express.text(), express.raw()]
    const app = express().use(...parsers, canaryRoutes(canary, options))
    const body = '{"expectedStep":3}'
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream', 'image/png']) {
      expect(await post(app, '/promote', body, type)).toBe(415)
    }
    expect(await post(app, '/promote', body, 'application/vnd.ops+json')).toBe(409)
    expect(await post(app, '/promote', body, undefined, { 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await post(app, '/promote', undefined, undefined, { origin: 'https://evil.example' })).toBe(403)
    expect(canary.status().step).toBe(0)
    await canary.close()
  })

  it('refuse where a parser of another kind has read the body and kept nothing', async () => {
    const canary = await startedCanary()
    const swallow: express5.RequestHandler = (req, _res, next) => {
      req.resume().on('end', () => {
        req.body = {}
        next()
      })
    }
    const app = express().use(swallow, canaryRoutes(canary, { authorize: () => true }))
    expect(await post(app, '/promote', '{"expectedStep":3}')).toBe(400)
    expect(await post(app, '/pause')).toBe(200)
    await canary.close()
  })
})
