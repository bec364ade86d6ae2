import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCanary, linearPlan } from '@model-canary/core'
import { canaryMiddleware } from '@model-canary/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-v2'
import { afterEach, describe, expect, it } from 'vitest'

let server: Server | undefined
afterEach(() => server?.close())

describe.each([
  ['2', Koa2 as unknown as typeof Koa3],
  ['3', Koa3],
])('an error on Koa %s', (_, Koa) => {
  const broken = () => Object.assign(new Error('broken'), { headers: { 'retry-after': '7' } })

  /** Asks for a path, and tells the answer and the error that reached the app. */
  async function ask(path: string, error: unknown = broken()) {
    const versions = { baseline: 'v1', canary: 'v2' }
    const canary = createCanary({ name: 'failing', versions, plan: linearPlan([100]), warmUp: { durationMs: 0 } })
    await canary.start()
    await canary.promote({ full: true })
    const fails = async () => {
      throw error
    }
    let caught: unknown
    const app = new Koa()
    app.silent = true
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        caught = error
        if (ctx.path !== '/handled') throw error
        ctx.status = 429
        ctx.body = 'handled'
      }
    })
    app.use(async (ctx, next) => {
      if (ctx.path === '/plain') throw error
      await next()
    })
    app.use(canaryMiddleware(canary, { versionHeader: true }) as never)
    app.use(async (ctx) => {
      if (ctx.path === '/untouched') ctx.throw(400, 'none of the model’s')
      ctx.body = await ctx.state.canary.run({ baseline: fails, canary: fails })
    })
    server = createServer(app.callback()).listen(0)
    const { port } = server.address() as AddressInfo
    const { status, headers } = await fetch(`http://127.0.0.1:${port}${path}`)
    await canary.close()
    return { answer: [status, headers.get('x-model-version'), headers.get('retry-after')], caught }
  }

  it('of a model keeps the version, and the headers that it brings', async () => {
    expect((await ask('/predict')).answer).toEqual([500, 'v2', '7'])
  })

  it('of a request that did not touch the canary names none', async () => {
    expect((await ask('/untouched')).answer).toEqual([400, null, null])
  })

  it('keeps the version if the app handles it', async () => {
    expect((await ask('/handled')).answer).toEqual([429, 'v2', null])
  })

  it('keeps headers of the class Headers, as errors of vendors’ clients have', async () => {
    const headers = new Headers({ 'retry-after': '7' })
    const error = Object.assign(new Error('rate limited'), { status: 429, headers })
    const { answer, caught } = await ask('/handled', error) // Koa’s own answer does not read such headers
    expect(answer).toEqual([429, 'v2', null])
    expect(caught).toBe(error)
    expect(error.headers).toBe(headers)
  })

  const headers = Object.freeze({ 'retry-after': '7' })
  it.each([
    ['has a getter', { get: () => headers, configurable: true }],
    ['cannot be written', { value: headers }],
  ])('is the one that the app gets if its headers %s', async (_, property) => {
    const error = Object.defineProperty(Object.assign(new Error('quota'), { status: 429 }), 'headers', property)
    const { answer, caught } = await ask('/predict', error)
    expect(answer).toEqual([429, 'v2', '7'])
    expect(caught).toBe(error)
  })

  it('that is shared does not take the version into a route without a model', async () => {
    const error = Object.assign(new Error('busy'), { status: 503 })
    expect((await ask('/predict', error)).answer).toEqual([503, 'v2', null])
    expect((await ask('/plain', error)).answer).toEqual([503, null, null])
    expect(error).not.toHaveProperty('headers')
  })
})
