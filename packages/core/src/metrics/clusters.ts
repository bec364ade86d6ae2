import type { SortedPairs } from './counts.js'
export interface Clusters {
  readonly finished: readonly number[]
  readonly answered: readonly number[]
  readonly errors: readonly number[]
  readonly timeouts: readonly number[]
  readonly aborted: readonly number[]
  readonly latencyMs: readonly number[]
  readonly predictions: SortedPairs<string, readonly number[]>
  readonly predicted: readonly number[]
}
