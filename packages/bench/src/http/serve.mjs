// One variant of one framework in a process of its own: `serve.mjs express|koa|fastify <variant>`.
// Sends its parent the port, and answers `{ factor }`, which slows down the canary's time, and `cpu` with its CPU time.
import { once } from 'node:events'
import { stickyStrategy } from '@model-canary/core'
import { startedCanary } from '../harness/canary.mjs'
import { createSlowClock } from './slow-clock.mjs'

const frameworks = {
  express: async () => (await import('./express.mjs')).expressServer,
  koa: async () => (await import('./koa.mjs')).koaServer,
  fastify: async () => (await import('./fastify.mjs')).fastifyServer,
}

const [framework, variant] = process.argv.slice(2)
const isCanary = variant === 'wrapped' || variant === 'middleware'
const clock = createSlowClock()
const canary = isCanary ? await startedCanary(stickyStrategy({ salt: 'bench' }), { clock, logger: false }) : undefined
const createServer = await frameworks[framework]()
const server = await createServer(variant, canary)
if (!server.listening) await once(server, 'listening')
server.keepAliveTimeout = 0 // the connections stay while it is another server's turn

process.on('message', ({ factor }) => {
  if (factor !== undefined) clock.slowDown(factor)
  const { user, system } = process.cpuUsage()
  const counted = canary === undefined ? undefined : Object.values(canary.metrics()).map((each) => each.requestCount)
  process.send({ cpuMs: (user + system) / 1_000, counted })
})
process.on('disconnect', () => process.exit())
process.send({ port: server.address().port })
