import type { StateStore } from '@model-canary/core/controller'
import { folderStore } from '@model-canary/core/folder-store'
import type { Arguments } from './arguments.js'
import { NAME } from './canary.js'

/** The store of this worker, and what closes it. */
export interface OpenStore {
  readonly store: StateStore
  close(): Promise<void>
}

/** Opens the store that all workers share: a folder for the processes of one host, or a Redis for those of several. */
export async function openStore({ folder, redis }: Pick<Arguments, 'folder' | 'redis'>): Promise<OpenStore> {
  if (redis !== undefined) return openRedis(redis)
  const store = folderStore(folder)
  return { store, close: () => store.close() }
}

async function openRedis(url: string): Promise<OpenStore> {
  const [{ Redis }, { redisStore }] = await Promise.all([import('ioredis'), import('@model-canary/redis')])
  const client = new Redis(url)
  const listener = client.duplicate()
  for (const each of [client, listener]) each.on('error', ({ message }) => console.error(`Redis: ${message}`))
  const store = redisStore(client, { name: NAME, listener })
  return {
    store,
    async close() {
      await store.close()
      client.disconnect()
      listener.disconnect()
    },
  }
}
