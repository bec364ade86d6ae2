import { createServer } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { canaryHandler, canaryMiddleware } from '@model-canary/express'
import express, { type ErrorRequestHandler, type Response as Res } from 'express'
import { overHttp } from '../../testing/test/promise/play.js'
import {
  callOf,
  endSockets,
  keyOf,
  type MountService,
  type Output,
  raced,
  type ServiceParts,
} from '../../testing/test/promise/service.js'
import { promiseOf } from '../../testing/test/promise/suite.js'

async function respond(res: Res, output: Output): Promise<void> {
  if (res.headersSent) return
  if (output instanceof Response) res.status(output.status).send(await output.text())
  else if (typeof output === 'string') res.send(output)
  else pipeline(Readable.from(output), res, () => {})
}

const onError: ErrorRequestHandler = (error, _req, res, _next) => {
  if (!res.headersSent) res.status(error.status ?? 500).send(String(error))
}

function serverOf(parts: ServiceParts, app: express.Express) {
  app.use(onError)
  const server = createServer(app)
  endSockets(parts, server)
  return { server }
}

/** An application with the time limits of the service: of a middleware, or of the server. */
function appOf(parts: ServiceParts): express.Express {
  const app = express()
  app.use((_req, res, next) => {
    if (parts.limit === 'framework') parts.afterLimit(() => void (res.headersSent || res.status(503).send('too late')))
    if (parts.limit === 'server') parts.afterLimit(() => void (res.writableEnded || res.socket?.emit('timeout')))
    next()
  })
  return app
}

const mountRun: MountService = (parts) => {
  const app = appOf(parts)
  app.use(canaryMiddleware(parts.canary, { key: (req) => keyOf(req.headers), versionHeader: true }))
  app.get('/predict', async (req, res) => {
    const running = req.canary.run({ ...parts.models, ...parts.serving }, callOf(req.headers))
    await respond(res, await raced(parts, running))
  })
  return serverOf(parts, app)
}

const mountHandler: MountService = (parts) => {
  const app = appOf(parts)
  const handler = canaryHandler(parts.canary, {
    key: (req) => keyOf(req.headers),
    input: (req) => callOf(req.headers),
    send: (output: Output, res) => respond(res, output),
    ...parts.models,
    ...parts.serving,
  })
  app.get('/predict', handler)
  return serverOf(parts, app)
}

promiseOf('express run', overHttp(mountRun, false))
promiseOf('express handler', overHttp(mountHandler, false))
