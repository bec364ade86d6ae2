import type { StateStore } from '@model-canary/core/controller'

/** A place for the records of one rollout, empty at first. Every rule gets a new one. */
export interface StorePlace {
  /** Opens the store. A rule calls this for each of several processes that share the place. */
  open(): StateStore | Promise<StateStore>
  /**
   * Moves the clock of the store forward, in milliseconds. Without it, the rules wait until a short lease has run out,
   * and the rule about members that no longer report has to be skipped.
   */
  passTime?(ms: number): void | Promise<void>
  /** Called when a rule is over; the stores that it opened are closed by then. */
  close?(): void | Promise<void>
}

/** Creates a place for one rule. */
export type MakeStorePlace = () => StorePlace | Promise<StorePlace>
