// One version: `node dist/serve.js baseline 9001`, and in another terminal `node dist/serve.js canary 9002`.
import { afinn, afinnWithReach } from './models.js'
import { modelService, VERSIONS } from './service.js'

const [variant, port] = process.argv.slice(2)
if (variant !== 'baseline' && variant !== 'canary') {
  console.error('usage: node dist/serve.js baseline|canary PORT')
  process.exit(2)
}

const server = modelService(variant, variant === 'baseline' ? afinn : afinnWithReach)
server.listen(Number(port ?? 9001), '127.0.0.1', () => console.log(`${VERSIONS[variant]} listens`, server.address()))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeIdleConnections()
  })
}
