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
  async function ask(path: string) {
    const versions = { baseline: 'v1', canary: 'v2' }
    const canary = createCanary({ name: 'failing', versions, plan: linearPlan([100]), warmUp: { durationMs: 0 } })
    await canary.start()
    await canary.promote({ full: true })
    const broken = async () => {
      throw Object.assign(new Error('broken'), { headers: { 'retry-after': '7' } })
    }
    const app = new Koa()
    app.silent = true
    app.use(canaryMiddleware(canary, { versionHeader: true }) as never)
    app.use(async (ctx) => {
      if (ctx.path === '/untouched') ctx.throw(400, 'none of the model’s')
      ctx.body = await ctx.state.canary.run({ baseline: broken, canary: broken })
    })
    server = createServer(app.callback()).listen(0)
    const { port } = server.address() as AddressInfo
    const { status, headers } = await fetch(`http://127.0.0.1:${port}${path}`)
    await canary.close()
    return [status, headers.get('x-model-version'), headers.get('retry-after')]
  }

  it('of a model keeps the version, and the headers that it brings', async () => {
    expect(await ask('/predict')).toEqual([500, 'v2', '7'])
  })

  it('of a request that did not touch the canary names none', async () => {
    expect(await ask('/untouched')).toEqual([400, null, null])
  })
})
