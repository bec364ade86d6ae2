import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration } from '../judging/judge.js'
import type { Counts } from './counts.js'

/** One stay of a rollout at one weight. */
export interface SourceWindow {
  /** The number of the rollout, from 1. */
  readonly epoch: number
  /** The step: 0 is the warm-up. */
  readonly step: number
  /** The number of this stay in a step, from 1 in each epoch. */
  readonly visit: number
  /**
   * When the weight came into force, as wall time in milliseconds since 1970. Sources with timestamps count from then.
   */
  readonly openedAt: number
}

/** A note for a person about a source's counts. */
export interface SourceNote {
  /** Identifies the note among those of the source, also if its message changes. */
  readonly id: string
  /** One sentence, without a full stop. */
  readonly message: string
  /** True if the note is also raised as an alert while it is present; otherwise only `explain()` shows it. */
  readonly isTrouble: boolean
}

/** Provides the counts of both versions. */
export interface MetricsSource {
  /**
   * Returns the cumulative counts since the window opened; `'no-data'` if there are none. A rejection, or an answer in
   * another shape, gives an `error` verdict: it holds the rollout, and never counts as a failure of the canary.
   */
  read(window: SourceWindow, signal: AbortSignal): Promise<Counts | 'no-data'>
  /** Returns the same synchronously, for counts of this process; it is called between two looks. Must not throw. */
  peek?(window: SourceWindow): Counts | 'no-data'
  /** Returns notes about the latest counts, such as how late they come or what was left out. Must not throw. */
  notes?(): readonly SourceNote[]
  /** Returns what is known when a rollout begins, such as the baseline's earlier rates. */
  calibrate?(): Calibration
  /** The kinds of guardrail that these counts can answer; a rollout with any other kind is refused. @default all */
  readonly supports?: readonly Guardrail['kind'][]
  /** False for counts that begin at zero in every process. @default true */
  readonly survivesRestart?: boolean
}

/** A split that a target has to apply. */
export interface TargetSplit {
  /** The canary's share, in percent. */
  readonly weight: number
  /** The number of the rollout, from 1. A split of an older epoch is refused. */
  readonly epoch: number
  /** Rises with every change, so that a late write can be recognised. */
  readonly revision: number
  /**
   * True if a reduction was decided by a rollback, a demotion or the kill switch, also before this process began. The
   * target must write it over any split in force. It must write any other split only over one of this rollout.
   */
  readonly isReduction?: boolean
  /**
   * The share in force that this process or its store knows, in percent. `null` if none is known: at a first start,
   * until the target has applied a split or the store has shown one of another process. A target that marks the splits
   * that it applied uses this if the mark is missing.
   */
  readonly lastKnown?: number | null
  /**
   * Of several processes that share a store, the highest fence of a leader that the sender knows. Every new leader has
   * a higher one. Left out if the store is not shared. A target that remembers it rejects an increase with a lower fence
   * than that of the split in force: it comes from a process that led before.
   */
  readonly fence?: number
}

/**
 * Returns whether any process may send a split: one that takes canary away. Only the leader sends every other one, also
 * the start at 0 of a rollout: a follower whose write is late would find the leader's share, and take it for a
 * stranger's.
 */
export const isForAnyone = ({ weight, isReduction = weight === 0 }: Pick<TargetSplit, 'weight' | 'isReduction'>) =>
  isReduction

/** A change from outside of a split that had been applied. */
export interface Drift {
  /** The canary's share that is in force now, in percent; `null` if it is not known. */
  readonly weight: number | null
  /** One sentence for a person: what is in force, and what had been applied. */
  readonly message: string
}

/** Applies the weight, such as in a mesh, a load balancer or a table. */
export interface Target {
  /**
   * Resolves once the split is in force. After a rejection the earlier split stays in force, and the call is retried. If
   * a split was sent and it is not known whether it is in force, reject with an error that has `mayBeInForce: true`:
   * until the next success, `status().inForce` is `null`.
   *
   * Reject a split of an older epoch than the one in force, regardless of its weight: it comes from a late process.
   * Reject an increase over a weight that was changed from outside, and report the change as drift. Never reject a
   * reduction of the present epoch. Of several processes that share a store, each sends reductions, and only the leader
   * sends increases; see {@link TargetSplit.fence}.
   */
  apply(split: TargetSplit, signal: AbortSignal): Promise<void>
  /**
   * Calls the listener whenever the applied split is changed from outside, and with `null` when it is in force again.
   * Until then, only harm moves the rollout, and no increase is sent. The watch continues after the end of a rollout:
   * on a drift away from 0 after a rollback, `apply` is called with 0. The returned function ends the watch.
   */
  watch?(listener: (drift: Drift | null) => void): () => void
  /**
   * Called before an operator's `rollback()` after a promotion. Reject if the baseline cannot take the traffic, for
   * example because it was shut down; then nothing is changed.
   */
  checkBaseline?(signal: AbortSignal): Promise<void>
  /** The smallest step between two shares, in percent; a plan that needs a smaller one is refused. @default 0.01 */
  readonly precision?: number
  /** True if the target splits the traffic itself. A canary, which splits in its own process, does not accept it. */
  readonly splitsTraffic?: boolean
}
