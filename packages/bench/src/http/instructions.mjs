import { availableParallelism } from 'node:os'
import { createCounter } from './callgrind.mjs'
import { startServer } from './server-process.mjs'

/** With one connection, a turn of the event loop answers one request, however busy the machine is. */
const CONNECTIONS = 1

/** By how much the canary's time is slowed down: nothing is due while instructions are counted. */
const SLOWER = 10_000

/**
 * How many requests are answered before those that are counted, and how many are counted.
 *
 * @typedef {{ warmUp: number, batches: number, requests: number }} Extent
 */

/**
 * Adds the instructions of a request to `costs`, for each variant and generation of processes. As many servers run at
 * the same time as there are cores: the count does not depend on other work.
 *
 * @param {import('./callgrind.mjs').Valgrind} valgrind
 * @param {string} framework
 * @param {Record<string, number[]>} costs by variant
 * @param {Extent & { generations: number }} extent
 */
export async function measureInstructions(valgrind, framework, costs, { generations, ...extent }) {
  const variants = Object.keys(costs)
  const queue = Array.from({ length: generations }, () => variants).flat()
  const work = async () => {
    for (let variant = queue.shift(); variant !== undefined; variant = queue.shift()) {
      costs[variant].push(await instructionsOf(valgrind, framework, variant.replace(' again', ''), extent))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}

/**
 * Returns the instructions of a request to a new server: the least of all batches, because the compiler, the collector
 * and the timers of the framework work in some of them.
 *
 * @param {import('./callgrind.mjs').Valgrind} valgrind
 * @param {string} framework
 * @param {string} variant
 * @param {Extent} extent
 */
export async function instructionsOf(valgrind, framework, variant, extent) {
  return Math.min(...(await countBatches(valgrind, framework, variant, extent)))
}

/** Returns the instructions of a request, for each batch of requests. */
async function countBatches(valgrind, framework, variant, { warmUp, batches, requests }) {
  const counter = createCounter(valgrind)
  let server
  try {
    server = await startServer(framework, variant, { command: counter.command, connections: CONNECTIONS })
    await server.send(warmUp)
    await server.cpuMs() // checks that the canary counts
    await server.slowDown(SLOWER)
    await counter.begin(server.pid)
    await server.send(requests)
    await counter.take(server.pid)
    const each = []
    for (let batch = 0; batch < batches; batch++) {
      await server.send(requests)
      each.push((await counter.take(server.pid)) / requests)
    }
    await server.cpuMs()
    return each
  } finally {
    await server?.stop()
    counter.close()
  }
}
