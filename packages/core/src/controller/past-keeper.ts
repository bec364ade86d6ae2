import type { ByVariant } from '../foundation/vocabulary.js'
import type { RolloutStateName } from '../rollout/state.js'
import type { VersionPast } from '../rollout/version-past.js'
import type { Summary } from '../summaries/summary.js'
import type { Served } from './served-windows.js'

/** What is learned of the versions in this process, and kept with the rollout for the next release. */
export interface PastKeeper {
  /** The length of a window, in milliseconds; `undefined` if the judge keeps no past. */
  readonly windowMs: number | undefined
  /** Takes up the stored pasts of the two versions, on the first call. What cannot be read is dropped and told. */
  adopt(stored: unknown): void
  /** Learns from what the canary served since the last call. Call it once a window while the canary serves alone. */
  learnCanary(): void
  /**
   * Takes up stored pasts that another process has learned from all of them, in place of what this one knows. From the
   * first call on, this process learns nothing by itself.
   */
  follow(stored: unknown): void
  /** Learns from what all processes served in a window, if there was one. `served` is what they have in this stay. */
  learn(window: ByVariant<Summary> | undefined, state: RolloutStateName, served: Served | undefined): void
  /** Returns whether the other processes are to count by another form than the stored one. */
  hasNews(stored: unknown): boolean
  /** Returns the pasts to be stored; `undefined` if those that are stored are as good. */
  toStore(stored: unknown): readonly VersionPast[] | undefined
}
