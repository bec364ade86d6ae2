import { type RedisOptions, type RunningRedis, startRedis } from '@model-canary/real-servers'
import { expect, vi } from 'vitest'
import { COMMIT, KEEP } from '../../src/scripts/records.js'
import { type FaultyProxy, startProxy } from '../proxy.fixture.js'
import { createLoad, type Load } from './load.fixture.js'
import type { WorkerSettings } from './messages.fixture.js'
import { createService, PATIENCE, type Service, type Worker } from './processes.fixture.js'

/** For how long the library holds a lease, and how long the next leader may take after that, in milliseconds. */
export const NEXT_LEADER_MS = 10_000 + 1_000

/** Processes of a service, their Redis, and their users. */
export interface World {
  readonly redis: RunningRedis
  readonly service: Service
  readonly load: Load
  /** Starts processes, each behind a proxy of its own. The first one leads. Resolves when all have the first weight. */
  start(count: number, settings?: Partial<WorkerSettings>): Promise<void>
  /** Starts one more process, like those before but for these settings. */
  add(own?: Partial<WorkerSettings>): Promise<Worker>
  proxyOf(worker: Worker): FaultyProxy
  /** Kills the Redis, and starts an empty one in its place. */
  restartRedis(): Promise<void>
  /** Returns the fence of the lease in force; `undefined` if the lease is free. */
  fence(): Promise<number | undefined>
  /** Resolves to how long it takes until a lease with a higher fence is in force, in milliseconds. */
  nextLease(after: number): Promise<number>
  /** Stops the load, and waits until the leader has counted this many requests in its step. */
  counted(expected: () => { readonly least: number; readonly most: number }): Promise<void>
  close(): Promise<void>
}

/** Starts a Redis without processes. */
export async function createWorld(program: string, options: RedisOptions): Promise<World> {
  let redis = await startRedis(options)
  for (const { text } of [COMMIT, KEEP]) await redis.command('SCRIPT', 'LOAD', text.text) // so that hashes are known
  const service = createService(program)
  const load = createLoad(service)
  const proxies = new Map<Worker, FaultyProxy>()
  let settings: Partial<WorkerSettings> = {}

  const add: World['add'] = async (own) => {
    const proxy = await startProxy(redis.port)
    const worker = await service.add({ port: proxy.port, listens: true, ...settings, ...own })
    proxies.set(worker, proxy)
    return worker
  }
  const fence = async (): Promise<number | undefined> => {
    const lease = /\r\n(\d+) /.exec(await redis.command('GET', 'mc:{sentiment}:lease'))
    return lease === null ? undefined : Number(lease[1])
  }

  return {
    get redis() {
      return redis
    },
    ...{ service, load, add, fence },
    async start(count, given = {}) {
      settings = given
      await add()
      await Promise.all(Array.from({ length: count - 1 }, () => add()))
      await service.states(({ weight }) => weight > 0)
    },
    proxyOf: (worker) => proxies.get(worker)!,
    async restartRedis() {
      await redis.kill()
      await redis.close()
      redis = await startRedis({ ...options, port: redis.port })
    },
    async nextLease(after) {
      const begunAt = performance.now()
      await vi.waitUntil(async () => ((await fence()) ?? 0) > after, PATIENCE)
      return performance.now() - begunAt
    },
    async counted(expected) {
      await load.stop()
      const leader = await service.leader()
      await expect
        .poll(async () => {
          const { requests } = await leader.ask('state')
          const [counted, { least, most }] = [requests.baseline + requests.canary, expected()]
          return counted >= least && counted <= most ? 'fits' : `${counted} of ${least} to ${most}`
        }, PATIENCE)
        .toBe('fits')
    },
    async close() {
      load.close()
      await service.close()
      for (const proxy of proxies.values()) await proxy.close()
      await redis.close()
    },
  }
}
