import type { Outcome } from '../vocabulary.js'
import type { SparseBins } from './histogram.js'
import type { Moments } from './moments.js'

/** How many predictions fell on each class. Labels are bounded in number and length. */
export interface PredictionCounts {
  /** Counts by label, sorted by label, so that equal contents are equal JSON. */
  readonly labels: readonly (readonly [label: string, count: number])[]
  /** Predictions beyond the labels that are kept. */
  readonly other: number
}

/**
 * All that is kept of one variant's observations in one window: a plain, mergeable JSON aggregate.
 *
 * Counts are integers; durations are whole microseconds. Summaries of replicas, and of successive
 * blocks, merge by addition.
 */
export interface Summary {
  /** Flights that were opened and belong to this window. */
  readonly begun: number
  /** Finished flights by outcome. */
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Durations in microseconds, of every finished flight that was not aborted. */
  readonly latencyUs: Moments
  /** The same durations, by histogram bin. */
  readonly latencyBins: SparseBins
  /** Ages in microseconds of the flights still under way when the summary was taken, by histogram bin. */
  readonly pendingBins: SparseBins
  readonly predictions: PredictionCounts
  readonly score: Moments
  /** Business metrics by name, sorted by name. */
  readonly metrics: readonly (readonly [name: string, moments: Moments])[]
}
