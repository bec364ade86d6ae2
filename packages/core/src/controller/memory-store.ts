import type { StateStore, StoredRollout } from '../rollout/store.js'

/**
 * A store in this process's memory: nothing to install, and nothing survives the process.
 *
 * What goes in and out is a copy by JSON, as with a store across the network.
 */
export function memoryStore(): StateStore {
  return storeInMemory((state) => {
    const text = JSON.stringify(state)
    return () => JSON.parse(text)
  })
}

/** Creates a store in memory. `keep` takes what is written, and returns the function that reads it. */
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
