import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { canaryMiddleware } from '@model-canary/koa'
import Koa, { type Context } from 'koa'
import { overHttp } from '../../testing/test/promise/play.js'
import {
  callOf,
  endSockets,
  keyOf,
  late,
  type MountService,
  type Output,
  raced,
} from '../../testing/test/promise/service.js'
import { promiseOf } from '../../testing/test/promise/suite.js'

async function respond(ctx: Context, output: Output): Promise<void> {
  if (output instanceof Response) {
    ctx.status = output.status
    ctx.body = await output.text()
  } else ctx.body = typeof output === 'string' ? output : Readable.from(output)
}

const mountKoa: MountService = (parts) => {
  const app = new Koa()
  app.silent = true
  app.use((ctx, next) => {
    if (parts.limit === 'framework') return Promise.race([next(), late(parts)])
    if (parts.limit === 'server') parts.afterLimit(() => void (ctx.res.writableEnded || ctx.socket.emit('timeout')))
    return next()
  })
  app.use(canaryMiddleware(parts.canary, { key: (ctx) => keyOf(ctx.headers), versionHeader: true }))
  app.use(async (ctx) => {
    const running = ctx.state.canary.run({ ...parts.models, ...parts.serving }, callOf(ctx.headers))
    await respond(ctx, await raced(parts, running))
  })
  const server = createServer(app.callback())
  endSockets(parts, server)
  return { server }
}

promiseOf('koa', overHttp(mountKoa, false))
