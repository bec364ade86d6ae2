import type { StateStore, StoredRollout } from '../rollout/store.js'

/**
 * Creates a store in this process's memory: nothing to install, and nothing survives the process.
 *
 * Reads and writes copy the rollout as JSON, as a store across the network does.
 */
export function memoryStore(): StateStore {
  return storeInMemory((state) => {
    const text = JSON.stringify(state)
    return () => JSON.parse(text)
  })
}

const storesInMemory = new WeakSet<StateStore>()

/**
 * Returns whether a store was created by {@link memoryStore}. Such a store loses no write and no notification, so that
 * it need not be read often. A store that wraps one is not recognised.
 */
export const isInMemory = (store: StateStore): boolean => storesInMemory.has(store)

/** Creates a store in memory. `keep` receives every written rollout and returns the function that reads it. */
export function storeInMemory(keep: (state: StoredRollout) => () => StoredRollout): StateStore {
  const listeners = new Set<(state: StoredRollout) => void>()
  let read: (() => StoredRollout) | undefined
  let revision = 0

  const store: StateStore = {
    load: async () => read?.(),
    async compareAndSet(next, expectedRevision) {
      if (revision !== expectedRevision) return false
      const readNext = keep(next)
      read = readNext
      revision = next.revision
      for (const listener of listeners) listener(readNext())
      return true
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    close: async () => listeners.clear(),
  }
  storesInMemory.add(store)
  return store
}
