import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Arguments } from './arguments.js'
import { startTraffic, type Traffic } from './traffic.js'

/**
 * Starts the workers, and replaces each that ends. SIGHUP replaces all of them, one after another; SIGTERM and SIGINT
 * end the program once the workers have answered what is pending.
 */
export async function runPrimary({ workers, rate }: Arguments): Promise<void> {
  const leaving = new Set<Worker>()
  let isEnding = false
  let isReady = false
  let traffic: Traffic | undefined

  const stop = async (worker: Worker): Promise<void> => {
    leaving.add(worker)
    if (worker.isDead()) return
    const ended = once(worker, 'exit')
    worker.process.kill('SIGTERM')
    await ended
  }
  const end = async (): Promise<void> => {
    if (isEnding) return
    isEnding = true
    await traffic?.stop()
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => worker && stop(worker)))
    process.exit()
  }
  /** Starts the replacement of each worker first, so that no moment has fewer workers. */
  const replaceAll = async (): Promise<void> => {
    for (const old of Object.values(cluster.workers ?? {})) {
      if (old === undefined || isEnding) continue
      await listening(cluster.fork())
      await stop(old)
    }
    console.log('all workers are replaced')
  }

  cluster.on('exit', (worker, code, signal) => {
    console.log(`worker ${worker.process.pid} has ended: ${signal ?? code}`)
    if (leaving.delete(worker) || isEnding) return
    if (isReady) cluster.fork()
    else process.exit(1) // a worker that cannot even start would be started forever
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
  process.on('SIGHUP', () => void replaceAll())

  const addresses = await Promise.all(Array.from({ length: workers }, () => listening(cluster.fork())))
  isReady = true
  const origin = `http://127.0.0.1:${addresses[0]!.port}`
  console.log(`${workers} workers listen on ${origin}/predict?text=not+very+good`)
  if (rate > 0) traffic = startTraffic({ origin, rate })
}

async function listening(worker: Worker): Promise<AddressInfo> {
  const [address] = await once(worker, 'listening')
  return address
}
