import { once } from 'node:events'
import { createServer } from 'node:http'
import { sentimentApp } from './app.js'
import type { Arguments } from './arguments.js'
import { clusterCanary } from './canary.js'
import { openStore } from './store.js'

/** Runs one worker: its canary first, then its server. It ends on a signal, and together with the primary process. */
export async function runWorker(args: Arguments): Promise<void> {
  const { store, close: closeStore } = await openStore(args)
  const canary = clusterCanary(store, args.pace)
  const server = createServer(sentimentApp(canary, process.env.CANARY_TOKEN))
  const say = (line: string): void => console.log(`${process.pid}: ${line}`)
  let closing: Promise<void> | undefined

  /** Answers what is pending, reports the last counts, and returns the lease. */
  const close = async (): Promise<void> => {
    const closed = once(server, 'close')
    if (server.listening) {
      server.close()
      server.closeIdleConnections()
      await closed
    }
    await canary.close()
    await closeStore()
    process.exit()
  }
  const stop = () => {
    closing ??= close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  process.once('disconnect', stop)

  canary.on('decision', ({ action, reason, now }) => {
    if (action !== 'hold') say(`${now.state} at ${now.weight} %: ${reason}`)
  })
  canary.on('alert', ({ message }) => say(message))
  // A rollout that cannot start is no reason to serve nobody: until it has started, the baseline answers.
  await canary.start().catch((error: Error) => say(error.message))
  if (closing === undefined) server.listen(args.port, '127.0.0.1')
}
