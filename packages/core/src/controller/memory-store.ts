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

/** Creates a store in memory. `keep` receives every written rollout and returns the function that reads it. */
export function storeInMemory(keep: (state: StoredRollout) => () => StoredRollout): StateStore {
  const listeners = new Set<(state: StoredRollout) => void>()
  let read: (() => StoredRollout) | undefined
  let revision = 0

  return {
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
}
