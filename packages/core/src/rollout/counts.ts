import type { ByVariant } from '../foundation/vocabulary.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'

/** The counts of a source since the window opened. */
export interface Counts extends ByVariant<Summary> {
  /** The baseline by key, from the beginning. */
  readonly clusters?: Clusters | null
  /** The interval at which the counts are taken, such as that of scrapes, in milliseconds. */
  readonly everyMs?: number
  /**
   * True if these are sums over several processes, such as replicas. If they fall, because the counts of a process have
   * expired, they are only a new base: requests since the last look are not counted, and an alert says so. Otherwise a
   * fall means that the one process was restarted, and all of the counts are new. Keep the counts of a process that has
   * ended: counts that disappear and come back are counted again.
   */
  readonly isShared?: boolean
}

/** The answer of a source: counts, no data yet, or a failure as a sentence. */
export type Reading = Counts | 'no-data' | { readonly failed: string }
