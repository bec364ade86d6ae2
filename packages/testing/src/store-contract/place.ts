import type { StateStore } from '@model-canary/core/controller'

/** A place for one rollout, empty at first. Every rule gets a new one. */
export interface StorePlace {
  /** Opens the store. A rule calls this twice for two processes that share the place. */
  open(): StateStore | Promise<StateStore>
  /** Called when a rule is over; the stores that it opened are closed by then. */
  close?(): void | Promise<void>
}

/** Creates a place for one rule. */
export type MakeStorePlace = () => StorePlace | Promise<StorePlace>
