import type { StateStore, StoredRollout } from '@model-canary/core/controller'

/**
 * A store that keeps what it is given, and copies nothing.
 *
 * Nobody else writes to it, and a rollout never changes what it has stored: the copies by JSON that `memoryStore`
 * makes would be a quarter of a simulation's time, and nobody would read them.
 */
export function createSimulationStore(): StateStore {
  const listeners = new Set<(state: StoredRollout) => void>()
  let stored: StoredRollout | undefined

  return {
    load: async () => stored,
    async compareAndSet(next, expectedRevision) {
      if ((stored?.revision ?? 0) !== expectedRevision) return false
      stored = next
      for (const listener of listeners) listener(next)
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
