import type { ByVariant } from '../foundation/vocabulary.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'

/** The counts of a source since the window opened. */
export interface Counts extends ByVariant<Summary> {
  /** The baseline by key, from the beginning. */
  readonly clusters?: Clusters | null
  /** The interval at which the counts are taken, such as that of scrapes, in milliseconds. */
  readonly everyMs?: number
}

/** The answer of a source: counts, no data yet, or a failure as a sentence. */
export type Reading = Counts | 'no-data' | { readonly failed: string }
