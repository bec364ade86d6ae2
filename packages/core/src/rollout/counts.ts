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
   * False if each version is counted by one process: if all of its counts fall, it was restarted, and what it has
   * counted since is new. Any other fall is only a new base, because it is not known what is new: the requests of both
   * versions since the last look are not counted, an alert says so, and no step ends for a while. Keep the counts of a
   * process that has ended: counts that disappear and come back are counted again.
   */
  readonly isShared?: boolean
}

/** The answer of a source: counts, no data yet, or a failure as a sentence. */
export type Reading = Counts | 'no-data' | { readonly failed: string }
