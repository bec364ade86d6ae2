import type { StateStore, StoredRollout } from '../rollout/store.js'

/**
 * A store in this process's memory: nothing to install, and nothing survives the process.
 *
 * What goes in and out is a copy by JSON, as with a store across the network.
 */
export function memoryStore(): StateStore {
  const listeners = new Set<(state: StoredRollout) => void>()
  let text: string | undefined
  let revision = 0

  const read = (): StoredRollout | undefined => (text === undefined ? undefined : JSON.parse(text))

  return {
    load: async () => read(),
    async compareAndSet(next, expectedRevision) {
      if (revision !== expectedRevision) return false
      text = JSON.stringify(next)
      revision = next.revision
      for (const listener of listeners) listener(read()!)
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
