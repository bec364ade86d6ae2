// One of several processes of a service. It is bundled and started by processes.fixture.ts.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Canary,
  createCanary,
  errorRate,
  evidenceJudge,
  hold,
  linearPlan,
  stickyStrategy,
} from '@model-canary/core'
import { Redis } from 'ioredis'
import { redisStore } from '../../src/index.js'
import type { Answer, Asked, Told, WorkerSettings, WorkerState } from './messages.fixture.js'

const settings: WorkerSettings = JSON.parse(process.argv[2]!)
const tell = (told: Told): unknown => process.send?.(told)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const connect = (port: number): Redis => new Redis({ port, host: '127.0.0.1' }).on('error', () => {})
const client = connect(settings.port)
const listener = settings.listens ? connect(settings.port) : undefined
const store = redisStore(client, { name: 'sentiment', ...(listener && { listener }) })

/** Steps that a good canary leaves after three seconds, or one that only a person leaves. */
const plan =
  settings.weights === undefined
    ? hold(settings.hold ?? 20)
    : linearPlan(settings.weights, {
        minDurationMs: 3_000,
        minRequests: 50,
      })

const canary: Canary<'v1' | 'v2'> = createCanary({
  name: 'sentiment',
  versions: { baseline: 'v1', canary: 'v2' },
  store,
  plan,
  strategy: stickyStrategy({ salt: 'fleet' }),
  guardrails: [errorRate({ margin: 0.1 })],
  judge: evidenceJudge({
    ...{ tickMs: 1_000, minWindows: 3, thresholdWindows: 3, graceMs: 3_000, minStepMs: 3_000, meanBlockMs: 1_000 },
    splitTolerance: 0.9,
  }),
  warmUp: { durationMs: 0 },
  bake: { durationMs: 2_000 },
  intervalMs: settings.intervalMs ?? 1_000,
  logger: false,
})

let isFailing = false
let isClosing = false
let underWay = 0
const alerts: string[] = []

const models = {
  baseline: async (ms: number): Promise<string> => {
    await pause(ms)
    return 'v1'
  },
  canary: async (ms: number): Promise<string> => {
    if (isFailing) throw new Error('the canary fails')
    await pause(ms)
    return 'v2'
  },
}

/** Answers with how the request was routed. The query is the user, and how long the model takes. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  underWay += 1
  const query = new URL(request.url!, 'http://localhost').searchParams
  const flight = canary.begin({ key: query.get('user')! })
  const { variant, epoch, step, weight } = flight.assignment
  try {
    await canary.serve(flight, models, { fallback: true }, Number(query.get('ms')))
    const answer: Answer = { variant, epoch, step, weight }
    if (isClosing) response.setHeader('connection', 'close')
    response.end(JSON.stringify(answer))
  } catch {
    response.writeHead(500).end()
  } finally {
    underWay -= 1
  }
}

function stateNow(): WorkerState {
  const { state, weight, step, epoch, enabled, requests, members, reason, internalErrors } = canary.status()
  return {
    ...{ state, weight, step, epoch, enabled, requests, underWay, reason, internalErrors },
    leads: members?.leader === 'this process',
    members: members && { count: members.count, upToDate: members.upToDate },
    alerts: [...alerts],
  }
}

const tasks: Readonly<Record<Asked['does'], () => unknown>> = {
  state: stateNow,
  history: () => canary.history({ limit: 1_000 }),
  fail: () => {
    isFailing = true
  },
  rollback: () => canary.rollback().then(stateNow),
  promote: () => canary.promote().then(stateNow),
  pause: () => canary.pause().then(stateNow),
  resume: () => canary.resume().then(stateNow),
  retry: () => canary.retry().then(stateNow),
}

process.on('message', ({ id, does }: Asked) => {
  const answer = (told: Partial<Told>) => tell({ ...told, id })
  Promise.resolve()
    .then(() => tasks[does]())
    .then((result) => answer({ result }))
    .catch((error: Error) => answer({ error: error.message }))
})

canary.on('step', ({ weight, to, epoch }) => tell({ weight, step: to, epoch, at: Date.now() }))
canary.on('alert', ({ about, message }) => void alerts.push(`${about}: ${message}`))

const server = createServer((request, response) => void serve(request, response))
server.keepAliveTimeout = 0 // a stopped process must not close connections that the load balancer reuses

/** Answers what is pending, reports the last counts, and returns the lease. */
async function close(): Promise<void> {
  isClosing = true
  const closed = once(server, 'close')
  server.close()
  await closed
  await canary.close()
  await store.close()
  client.disconnect()
  listener?.disconnect()
  process.exit()
}
process.once('SIGTERM', () => void close())
process.on('disconnect', () => process.exit())

await canary.start().catch((error: Error) => alerts.push(`start: ${error.message}`))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
tell({ serves: (server.address() as AddressInfo).port })
