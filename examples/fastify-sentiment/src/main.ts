// The service: `node dist/main.js`, on the port of the environment, or 3002.
import { folderStore } from '@model-canary/core/folder-store'
import { sentimentApp } from './app.js'
import { CAREFUL, sentimentCanary } from './canary.js'

const canary = sentimentCanary({ ...CAREFUL, store: folderStore('.canary/fastify-sentiment') })
const app = sentimentApp(canary)
app.addHook('onClose', () => canary.close())

await canary.start()
console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3002) })}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close())
