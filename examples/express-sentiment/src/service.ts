// The service as a program of its own: `node dist/service.js [--scenario NAME] [--port NUMBER] [--pace NAME]`.
import { parseArguments } from './arguments.js'
import { scenarios } from './models/scenarios.js'
import { paces } from './pace.js'
import { sentimentApp } from './serving/app.js'
import { sentimentCanary } from './serving/canary.js'
import { listen, whyNotListening } from './serving/listen.js'
import type { ServiceMessage } from './serving/service-message.js'

const options = parseArguments(process.argv.slice(2))
if ('problem' in options) fail(options.problem)
else if ('help' in options) console.log('node dist/service.js [--scenario NAME] [--port NUMBER] [--pace NAME]')
else {
  const { scenario, pace, port } = options
  const models = scenarios[scenario].models()
  const canary = sentimentCanary(models, paces[pace])
  const service = await listen(sentimentApp(canary, models), port).catch((error) => fail(whyNotListening(error, port)))

  if (service !== undefined) {
    const close = async (): Promise<void> => {
      await Promise.all([canary.close(), service.close()])
      process.exit() // a model that hangs would keep nothing alive, but nothing else should either
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close)
    process.once('disconnect', close) // whoever started this has gone
    await canary.start()
    tell({ type: 'listening', port: service.port }, `listening on http://127.0.0.1:${service.port}`)
  }
}

function fail(message: string): undefined {
  process.exitCode = 1
  tell({ type: 'failed', message }, message)
  if (process.connected) process.disconnect()
}

/** Sends to the program that started this one, or otherwise writes to the terminal. */
function tell(message: ServiceMessage, line: string): void {
  if (process.send === undefined) console.log(line)
  else process.send(message)
}
