import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openLoad } from './load.mjs'

const SCRIPT = fileURLToPath(new URL('./serve.mjs', import.meta.url))

/**
 * Starts a server in its own process, and opens connections to it that stay open.
 *
 * @param {string} framework
 * @param {string} variant
 * @param {{ command: readonly string[], connections: number }} how what runs the script of the server
 */
export async function startServer(framework, variant, { command, connections }) {
  const [program, ...args] = command
  const child = spawn(program, [...args, SCRIPT, framework, variant], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  let printed = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    printed = (printed + text).slice(-2_000)
  })
  const [{ port }] = await Promise.race([
    once(child, 'message'),
    once(child, 'close').then(([code]) => {
      throw new Error(`${framework} ${variant} ended with ${code} before it listened: ${printed}`)
    }),
  ])
  const load = await openLoad(port, connections)
  let answered = 0
  const ask = async (question) => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }

  return {
    pid: child.pid,
    /** Sends requests, and waits until each is answered. */
    async send(requests) {
      await load.send(requests)
      answered += requests
    },
    /** Returns the CPU time of the server so far, in milliseconds. */
    async cpuMs() {
      const { cpuMs, counted } = await ask('cpu')
      checkCounted(counted, answered, connections)
      return cpuMs
    },
    /** Slows the time of the canary down by a factor. */
    slowDown: (factor) => ask({ factor }),
    async stop() {
      load.close()
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** Throws if the canary did not see every request, because it would then be cheap for the wrong reason. */
function checkCounted(counted, answered, connections) {
  if (counted === undefined) return
  const [baseline, canary] = counted
  const share = canary / answered
  if (baseline + canary < answered - connections || !(share > 0.03 && share < 0.2)) {
    throw new Error(`the canary counted ${baseline} and ${canary} of ${answered} requests`)
  }
}
