// A service as it runs in production, on the built packages: it listens, and closes when its input ends.
import { createServer } from 'node:http'
import { createCanary } from '@model-canary/core'
import { canaryMiddleware } from '../dist/index.js'

const { default: Koa } = await import(process.argv[2])
const canary = createCanary({ name: 'service', versions: { baseline: 'v1', canary: 'v2' } })
await canary.start()

const app = new Koa()
app.use(canaryMiddleware(canary))
app.use((ctx) => {
  ctx.body = ctx.state.canary.run({ baseline: () => 'by v1', canary: () => 'by v2' })
})
const server = createServer(app.callback())
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))

process.stdin.resume().on('end', () => {
  server.close()
  canary.close()
})
