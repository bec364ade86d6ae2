import { Readable } from 'node:stream'
import { canaryPlugin } from '@model-canary/fastify'
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { overHttp } from '../../testing/test/promise/play.js'
import {
  callOf,
  endSockets,
  keyOf,
  type MountService,
  type Output,
  REAL_LIMIT_MS,
  raced,
  type ServiceParts,
} from '../../testing/test/promise/service.js'
import { promiseOf } from '../../testing/test/promise/suite.js'

async function respond(reply: FastifyReply, output: Output): Promise<FastifyReply> {
  if (output instanceof Response) return reply.code(output.status).send(await output.text())
  return reply.send(typeof output === 'string' ? output : Readable.from(output))
}

async function fill(app: FastifyInstance, parts: ServiceParts, endByServer: (reply: FastifyReply) => void) {
  app.register(canaryPlugin(parts.canary, { key: (request) => keyOf(request.headers), versionHeader: true }))
  const limit = parts.limit === 'framework' ? { handlerTimeout: REAL_LIMIT_MS } : {}
  app.get('/predict', limit, async (request, reply) => {
    if (parts.limit === 'server') parts.afterLimit(() => void (reply.raw.writableEnded || endByServer(reply)))
    const running = request.canary.run({ ...parts.models, ...parts.serving }, callOf(request.headers))
    return respond(reply, await raced(parts, running))
  })
  await app.ready()
  return { server: app.server, close: () => app.close() }
}

const mountFastify: MountService = (parts) => {
  const app = fastify({ forceCloseConnections: true })
  endSockets(parts, app.server)
  return fill(app, parts, ({ raw }) => void raw.socket?.emit('timeout'))
}

const mountFastify2: MountService = (parts) => {
  const app = fastify({ http2: true })
  const endByServer = (reply: FastifyReply): void => void (reply.raw as unknown as WithStream).stream.close()
  return fill(app as unknown as FastifyInstance, parts, endByServer)
}

/** What the response of HTTP/2 has besides. */
interface WithStream {
  readonly stream: { close(): void }
}

promiseOf('fastify', overHttp(mountFastify, false))
promiseOf('fastify http2', overHttp(mountFastify2, true))
