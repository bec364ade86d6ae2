// A service as it runs in production, on the built packages: it listens, and closes when its input ends.
import { createCanary } from '@model-canary/core'
import fastify from 'fastify'
import { canaryPlugin } from '../dist/index.js'

const canary = createCanary({ name: 'service', versions: { baseline: 'v1', canary: 'v2' } })
await canary.start()

const app = fastify()
app.register(canaryPlugin(canary))
app.get('/predict', async (request) => request.canary.run({ baseline: () => 'by v1', canary: () => 'by v2' }))
await app.listen({ port: 0, host: '127.0.0.1' })
console.log(`listening ${app.server.address().port}`)

process.stdin.resume().on('end', () => {
  app.close()
  canary.close()
})
