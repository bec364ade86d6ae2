import type { StateStore } from '../rollout/store.js'
import { copyForReader, createRecordKeeper, type Keep } from './record-keeper.js'

/**
 * Creates a store in this process's memory: nothing to install, and nothing survives the process.
 *
 * Reads copy the rollout as JSON, as a store across the network does. A write keeps what it is given.
 */
export function memoryStore(): StateStore {
  return storeInMemory(copyForReader)
}

const storesInMemory = new WeakSet<StateStore>()

/**
 * Returns whether a store was created by {@link memoryStore}. Such a store loses no write and no notification, so that
 * it need not be read often. A store that wraps one is not recognised.
 */
export const isInMemory = (store: StateStore): boolean => storesInMemory.has(store)

/** Creates a store in memory. `keep` receives each part of what is written, and returns the function that reads it. */
export function storeInMemory(keep: Keep): StateStore {
  const keeper = createRecordKeeper(keep)
  let points: string | null = null
  const store: StateStore = {
    load: async () => keeper.read(),
    write: async (change) => keeper.write(change),
    follow: keeper.follow,
    close: async () => keeper.forgetListeners(),
    points: {
      load: async () => points,
      async keep(text) {
        points = text
        return 'kept'
      },
    },
  }
  storesInMemory.add(store)
  return store
}
