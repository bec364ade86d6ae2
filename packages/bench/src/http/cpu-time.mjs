import { availableParallelism } from 'node:os'
import { shuffled } from '../harness/random.mjs'
import { findProgram } from './find-program.mjs'
import { startServer } from './server-process.mjs'

const CONNECTIONS = 8

/**
 * Adds the CPU time of a request to `costs`, in nanoseconds, for each variant and round. The servers of all variants
 * run on one core, in turns and in a random order.
 *
 * @param {string} framework
 * @param {Record<string, number[]>} costs by variant
 * @param {{ generations: number, warmUp: number, rounds: number, requests: number }} extent
 * @param {() => number} random
 */
export async function measureCpuTime(framework, costs, { generations, ...extent }, random) {
  // Two processes with the same code may differ permanently, so there are several.
  for (let generation = 0; generation < generations; generation++) await measure(framework, costs, extent, random)
}

async function measure(framework, costs, { warmUp, rounds, requests }, random) {
  const servers = {}
  const command = [...pinned(), process.execPath]
  try {
    for (const variant of Object.keys(costs)) {
      servers[variant] = await startServer(framework, variant.replace(' again', ''), {
        command,
        connections: CONNECTIONS,
      })
      await servers[variant].send(warmUp) // until it is compiled: before, that is most of the cost
    }
    for (let round = 0; round < rounds; round++) {
      for (const variant of shuffled(Object.keys(costs), random)) {
        costs[variant].push(await costOf(servers[variant], requests))
      }
    }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}

async function costOf(server, requests) {
  const before = await server.cpuMs()
  await server.send(requests)
  return (((await server.cpuMs()) - before) / requests) * 1e6
}

/** Returns the words that run a program on the last core alone, where there is `taskset` and more than one core. */
function pinned() {
  const cores = availableParallelism()
  const taskset = findProgram('taskset')
  return cores > 1 && taskset !== undefined ? [taskset, '--cpu-list', String(cores - 1)] : []
}
