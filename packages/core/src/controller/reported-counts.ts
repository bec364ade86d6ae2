import type { ByVariant } from '../foundation/vocabulary.js'
import type { Report } from '../rollout/fleet.js'
import type { Summary } from '../summaries/summary.js'

/** The counts of a stay. */
export type StayCounts = Omit<Report, 'id' | 'seq' | 'member'>

/** What a process that serves requests reports of itself. */
export interface ReplicaCounts {
  /** Returns the counts of the present stay. */
  readonly fast: () => StayCounts
  /** The last counts of the stays that have ended, oldest first. Whoever has stored them removes them. */
  readonly ended: StayCounts[]
  /** Returns the counts of the baseline by key, and all that was served in the present stay. */
  readonly slow: () => string
  /** Returns all that was served in the present stay. */
  readonly served: () => ByVariant<Summary>
  /** Whether the canary of this process is warm; `null` while that is not known. */
  readonly isWarm: () => boolean | null
  /** From when on this process serves the baseline if the store does not answer; left out if it never does. */
  readonly isolation?: {
    /** For how long the store must not have answered, in milliseconds. */
    readonly afterMs: number
    readonly cutOff: (isCutOff: boolean) => void
  }
}
