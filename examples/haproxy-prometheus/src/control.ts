// The controller: `node dist/control.js`, with HAPROXY_SOCKET and PROMETHEUS_URL where they are elsewhere.
import { haproxyTarget } from './haproxy-target.js'
import { sentimentController } from './rollout.js'

const { HAPROXY_SOCKET = '/run/haproxy/admin.sock', PROMETHEUS_URL = 'http://127.0.0.1:9090' } = process.env

const target = haproxyTarget({
  socket: HAPROXY_SOCKET,
  backend: 'sentiment',
  servers: { baseline: 'baseline', canary: 'canary' },
})
const controller = sentimentController(PROMETHEUS_URL, target)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

controller.on('step', ({ to, weight }) => console.log(`step ${to}: ${weight} %`))
controller.on('alert', ({ about, message }) => console.error(`${about}: ${message}`))
await controller.run({ signal: stop.signal })
console.log(controller.explain())
await controller.close()
