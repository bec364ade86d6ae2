import { type Fleet, type Head, type StateStore, sharedMemoryStore } from '@model-canary/core/controller'
import { type ManualClock, manualClock } from '../manual-clock.js'
import type { StorePlace } from './place.js'

/** What a fault may use: the store without the fault, its fleet and its clock. */
export interface Whole {
  readonly store: StateStore
  readonly fleet: Fleet
  readonly clock: ManualClock
}

/** A place in memory with a clock of its own. Every process that opens it gets a store with the same fault. */
export function memoryPlace(broken: (whole: Whole) => Partial<StateStore> = () => ({})): StorePlace {
  const clock = manualClock()
  const store = sharedMemoryStore({ clock })
  const whole = { store, fleet: store.fleet!, clock }
  return {
    open: () => {
      const opened = ending(store)
      return { ...opened, ...broken({ ...whole, store: opened }) }
    },
    passTime: (ms) => clock.advance(ms),
  }
}

/** The same, with a fault of its fleet. */
export const fleetPlace = (broken: (whole: Whole) => Partial<Fleet>): StorePlace =>
  memoryPlace((whole) => ({ fleet: { ...whole.fleet, ...broken(whole) } }))

/** Returns a store of one process, whose followers end when it is closed. */
function ending(store: StateStore): StateStore {
  const ends = new Set<() => void>()
  return {
    ...store,
    follow(listener: (head: Head) => void) {
      const end = store.follow(listener)
      ends.add(end)
      return end
    },
    async close() {
      for (const end of ends) end()
    },
  }
}
