import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createCanary, linearPlan } from '@model-canary/core'
import { canaryHandler, canaryRoutes } from '@model-canary/express'
import express5, { type Express, type Response } from 'express'
import express4 from 'express-v4'
import { describe, expect, it, onTestFinished } from 'vitest'

/** Asks a server on one connection. */
function onOneConnection(app: Express) {
  const server = createServer(app).listen(0)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => {
    agent.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return async (path: string) => {
    const [response] = await once(get({ port, path, agent }), 'response')
    return `${response.statusCode} ${await text(response)}`
  }
}

const versions = { baseline: 'v1', canary: 'v2' }

describe.each([
  ['4', express4 as unknown as typeof express5],
  ['5', express5],
])('a response that a time limit of the service has ended, on Express %s,', (_, express) => {
  /**
   * Asks for `/slow`, whose response is ended before its model settles, and for `/next` on the same connection. The
   * model settles while `/next` is answered.
   */
  async function askTwice(settle: () => Promise<unknown>) {
    const canary = createCanary({ name: 'ended', versions, plan: linearPlan([100]), warmUp: { durationMs: 0 } })
    await canary.start()
    await canary.promote({ full: true })
    const told: unknown[] = []
    let slow: Response | undefined
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const model = async () => {
      slow?.status(503).end('too slow')
      await released
      return settle()
    }
    const app = express()
    app.set('env', 'test') // finalhandler prints nothing
    app.get('/slow', (_req, res, next) => {
      slow = res
      next()
    })
    app.get('/slow', canaryHandler(canary, { input: () => 'good', baseline: model, canary: model }))
    app.get('/next', async (_req, res) => {
      release()
      await expect.poll(() => canary.metrics().v2?.inFlight).toBe(0)
      res.send('next')
    })
    app.use((error: unknown, _req: unknown, _res: unknown, next: (error: unknown) => void) => {
      told.push(error)
      next(error)
    })
    onTestFinished(() => canary.close())
    const ask = onOneConnection(app)
    return { answers: [await ask('/slow'), await ask('/next')], told, counts: canary.metrics().v2 }
  }

  it('gets no answer of a route either', async () => {
    const canary = createCanary({ name: 'ended', versions })
    onTestFinished(() => canary.close())
    let slow: Response | undefined
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const authorize = async () => {
      slow?.status(503).end('too slow')
      await released
      return true
    }
    const told: unknown[] = []
    const app = express()
    app.set('env', 'test')
    app.use('/canary', (_req, res, next) => {
      slow = res
      next()
    })
    app.use('/canary', canaryRoutes(canary, { authorize, authorizeReads: true }))
    app.get('/next', async (_req, res) => {
      release()
      await new Promise((resolve) => setImmediate(resolve))
      res.send('next')
    })
    app.use((error: unknown, _req: unknown, _res: unknown, next: (error: unknown) => void) => {
      told.push(error)
      next(error)
    })
    const ask = onOneConnection(app)
    expect([await ask('/canary/status'), await ask('/next')]).toEqual(['503 too slow', '200 next'])
    expect(told).toEqual([])
  })

  it('gets no output, and the next request on its connection is answered', async () => {
    const { answers, told, counts } = await askTwice(async () => ({ label: 'good' }))
    expect(answers).toEqual(['503 too slow', '200 next'])
    expect(told).toEqual([])
    expect(counts).toMatchObject({ requestCount: 1, successCount: 1 })
  })

  it('is not closed because of an error of the model, which is counted', async () => {
    const { answers, told, counts } = await askTwice(() => Promise.reject(new Error('broken')))
    expect(answers).toEqual(['503 too slow', '200 next'])
    expect(told).toEqual([])
    expect(counts).toMatchObject({ requestCount: 1, errorCount: 1 })
  })
})
