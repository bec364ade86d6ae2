import { addCounts, mergePairs, type SortedPairs } from './sorted-pairs.js'

/** The number of predicted classes that are counted one by one. */
export const CLASS_ROWS = 12

/**
 * Sums of the baseline's flights by the place of the routing key. Keys are not kept.
 *
 * Every list has one number for each place. Mergeable by addition. Plain JSON.
 */
export interface CountsByPlace {
  /** Flights that ended or were aborted; calls that do not count as evidence about the model are left out. */
  readonly finished: readonly number[]
  /** The finished flights without the aborted ones. */
  readonly answered: readonly number[]
  /** Errors and timeouts. */
  readonly errors: readonly number[]
  /** Timeouts of each place. */
  readonly timeouts: readonly number[]
  /** Aborted calls of each place. */
  readonly aborted: readonly number[]
  /** Decided calls, and the unanswered ones of them; missing in data stored by versions that did not count them. */
  readonly decided?: readonly number[]
  /** Unanswered calls of each place. */
  readonly unanswered?: readonly number[]
  /** The total duration of the answered flights. */
  readonly latencyMs: readonly number[]
  /** Predictions of at most twelve labels, sorted by label. */
  readonly predictions: SortedPairs<string, readonly number[]>
  /** All predictions, including those of other labels. */
  readonly predicted: readonly number[]
}

/** Returns the sum of two counts with the same places. */
export function mergeCountsByPlace(a: CountsByPlace, b: CountsByPlace): Required<CountsByPlace> {
  const none = a.finished.map(() => 0)
  return {
    finished: addLists(a.finished, b.finished),
    answered: addLists(a.answered, b.answered),
    errors: addLists(a.errors, b.errors),
    timeouts: addLists(a.timeouts, b.timeouts),
    aborted: addLists(a.aborted, b.aborted),
    decided: addLists(a.decided ?? none, b.decided ?? none),
    unanswered: addLists(a.unanswered ?? none, b.unanswered ?? none),
    latencyMs: addLists(a.latencyMs, b.latencyMs),
    predictions: mergePairs(a.predictions, b.predictions, addLists),
    predicted: addLists(a.predicted, b.predicted),
  }
}

/** Returns the sums of two lists, place by place. */
export function addLists(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, place) => addCounts(value, b[place]!))
}
