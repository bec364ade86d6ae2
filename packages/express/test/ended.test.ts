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

/**
 * An app that ends the response of a slow request as a time limit does, while something still works on it. That waits
 * until `/next` releases it, on the same connection.
 */
function createLimited(express: typeof express5, beforeNext: () => Promise<unknown>) {
  const told: unknown[] = []
  let slow: Response | undefined
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const app = express()
  app.set('env', 'test') // finalhandler prints nothing
  return {
    app,
    told,
    note: (_req: unknown, res: Response, next: () => void): void => {
      slow = res
      next()
    },
    async outlast(): Promise<void> {
      slow?.status(503).end('too slow')
      await released
    },
    /** Adds what follows the slow route, and returns what asks on one connection. */
    serve() {
      app.get('/next', async (_req, res) => {
        release()
        await beforeNext()
        res.send('next')
      })
      app.use((error: unknown, _req: unknown, _res: unknown, next: (error: unknown) => void) => {
        told.push(error)
        next(error)
      })
      return onOneConnection(app)
    },
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
    onTestFinished(() => canary.close())
    const isOver = async () => expect.poll(() => canary.metrics().v2?.inFlight).toBe(0)
    const { app, told, note, outlast, serve } = createLimited(express, isOver)
    const model = () => outlast().then(settle)
    app.get('/slow', note, canaryHandler(canary, { input: () => 'good', baseline: model, canary: model }))
    const ask = serve()
    return { answers: [await ask('/slow'), await ask('/next')], told, counts: canary.metrics().v2 }
  }

  it('gets no answer of a route either', async () => {
    const canary = createCanary({ name: 'ended', versions })
    onTestFinished(() => canary.close())
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const { app, told, note, outlast, serve } = createLimited(express, turn)
    const authorize = () => outlast().then(() => true)
    app.use('/canary', note, canaryRoutes(canary, { authorize, authorizeReads: true }))
    const ask = serve()
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
