import type { ByVariant } from '../foundation/vocabulary.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'

/** What a source has counted since the window opened. */
export interface Counts extends ByVariant<Summary> {
  /** The baseline by key, from the beginning. */
  readonly clusters?: Clusters | null
  /** How far apart the counts are taken where they were taken, such as by scrapes, in milliseconds. */
  readonly everyMs?: number
}

/** What a source answered: counts, nothing yet, or a failure in words. */
export type Reading = Counts | 'no-data' | { readonly failed: string }
