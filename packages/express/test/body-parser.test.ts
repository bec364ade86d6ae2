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

async function post(app: express5.Express, path: string, body?: string): Promise<number> {
  const server = createServer(app)
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const headers = { 'content-type': 'application/json', connection: 'close' }
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
    expect(await post(app, '/pause', '{"expectedStep":3}')).toBe(409)
    expect(await post(app, '/pause', '{"reason":"lunch"}')).toBe(200)
    expect(await post(app, '/resume')).toBe(200)
    await canary.close()
  })

  it('read the body by themselves where none has', async () => {
    const canary = await startedCanary()
    const app = express().use(canaryRoutes(canary, { authorize: () => true }))
    expect(await post(app, '/pause', '{"expectedStep":3}')).toBe(409)
    expect(await post(app, '/pause', '{"reason":"lunch"}')).toBe(200)
    expect(await post(app, '/resume')).toBe(200)
    await canary.close()
  })

  it('answer a body that is too long instead of cutting the connection', async () => {
    const canary = await startedCanary()
    const app = express().use(canaryRoutes(canary, { authorize: () => true }))
    expect(await post(app, '/pause', JSON.stringify({ reason: 'x'.repeat(200_000) }))).toBe(400)
    await canary.close()
  })
})
