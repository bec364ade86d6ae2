import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openLoad } from './load.mjs'

const SCRIPT = fileURLToPath(new URL('./serve.mjs', import.meta.url))
const CONNECTIONS = 8

/**
 * Starts a server in its own process.
 *
 * @param {string} framework
 * @param {string} variant
 */
export async function startServer(framework, variant) {
  const child = fork(SCRIPT, [framework, variant])
  const [{ port }] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${framework} ${variant} ended with ${code} before it listened`)
    }),
  ])
  const load = await openLoad(port, CONNECTIONS)
  const ask = async () => {
    child.send('cpu')
    const [answer] = await once(child, 'message')
    return answer
  }
  let answered = 0

  return {
    /** Returns the CPU time of the server for one request, in milliseconds, over a number of requests. */
    async costOf(requests) {
      const before = await ask()
      await load.send(requests)
      const after = await ask()
      answered += requests
      checkCounted(after.counted, answered)
      return (after.cpuMs - before.cpuMs) / requests
    },
    async stop() {
      load.close()
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** Throws if the canary did not see every request, because it would then be cheap for the wrong reason. */
function checkCounted(counted, answered) {
  if (counted === undefined) return
  const [baseline, canary] = counted
  const share = canary / answered
  if (baseline + canary < answered - CONNECTIONS || !(share > 0.03 && share < 0.2)) {
    throw new Error(`the canary counted ${baseline} and ${canary} of ${answered} requests`)
  }
}
