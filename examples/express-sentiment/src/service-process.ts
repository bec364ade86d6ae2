import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DemoOptions } from './arguments.js'
import type { ServiceMessage } from './serving/service-message.js'

/** The service in its own process. */
export interface ServiceProcess {
  readonly origin: string
  /** What an operator signs in with on the page. */
  readonly token: string
  /** Resolves when the process has ended; to its last message if it was not asked to end. */
  readonly gone: Promise<string>
  /** Ends the process, by force if it takes too long. Resolves when it has ended. */
  stop(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('./service.js', import.meta.url))

/** How long the process may take to close. */
const GRACE_MS = 3_000

/** How much of its stderr output is kept. */
const LAST_WORDS = 2_000

/** Starts the service. Resolves when it listens; rejects with its own message if it cannot. */
export async function startService({ scenario, port, pace }: DemoOptions): Promise<ServiceProcess> {
  const { OPERATOR_TOKEN: token = randomUUID().slice(0, 8) } = process.env
  const child = fork(PROGRAM, ['--scenario', scenario, '--port', String(port), '--pace', pace], {
    env: { ...process.env, OPERATOR_TOKEN: token },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let lastWords = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS)
  })
  const gone = once(child, 'close').then(() => lastWords.trim())
  const message = await Promise.race([firstMessage(child), gone])
  if (typeof message === 'string') throw new Error(`The service ended before it listened. ${message}`)
  if (message.type === 'failed') throw new Error(message.message)

  return {
    origin: `http://127.0.0.1:${message.port}`,
    token,
    gone,
    async stop() {
      const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      child.kill('SIGTERM')
      await gone
      clearTimeout(force)
    },
  }
}

function firstMessage(child: ReturnType<typeof fork>): Promise<ServiceMessage> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as ServiceMessage)))
}
