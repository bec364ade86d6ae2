import type { Report } from '../rollout/fleet.js'

/** What a process that serves requests reports of itself. */
export interface ReplicaCounts {
  /** Returns the counts of the present stay. */
  readonly fast: () => Omit<Report, 'id' | 'seq' | 'slow' | 'member'>
  /** Returns the counts of the baseline by key, and all that was served in the present stay. */
  readonly slow: () => string
  /** Whether the canary of this process is warm; `null` while that is not known. */
  readonly isWarm: () => boolean | null
  /** The canary's share that this process serves, in percent. */
  readonly weight: () => number
}
