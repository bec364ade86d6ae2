// The service: `node dist/main.js`, on the port of the environment, or 3001.

import { createServer } from 'node:http'
import { folderStore } from '@model-canary/core/folder-store'
import { sentimentApp } from './app.js'
import { CAREFUL, sentimentCanary } from './canary.js'

const port = Number(process.env.PORT ?? 3001)
const canary = sentimentCanary({ ...CAREFUL, store: folderStore('.canary/koa-sentiment') })
const server = createServer(sentimentApp(canary).callback())

await canary.start()
server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}/predict?text=not+very+good`))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeIdleConnections()
    void canary.close()
  })
}
