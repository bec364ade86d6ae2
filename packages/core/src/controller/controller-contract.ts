import type { ByVariant } from '../foundation/vocabulary.js'
import type { Calibration } from '../judging/judge.js'
import type { Decision } from '../rollout/decision.js'
import type { Reached } from '../rollout/fleet-members.js'
import type { Point } from '../rollout/point.js'
import type { Status } from '../rollout/status.js'
import type { Listener } from '../runtime/emitter.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { Summary } from '../summaries/summary.js'
import type { Courier } from './couriers.js'
import type { HistoryOptions } from './rollout-report.js'
import type { VerbOptions, Verbs } from './verbs.js'

/** A rollout that is running or can be started. */
export interface Controller extends Verbs {
  /**
   * Resumes the stored rollout or begins a new one, and starts the timer. Does not keep the process alive. Idempotent.
   */
  start(options?: VerbOptions): Promise<Status>
  /**
   * Starts, keeps the process alive, and resolves with the terminal status once the target has applied the final
   * weight, or with the present status if it is aborted. Rejects `TARGET_FAILED` with the status (`UnsettledError`) if
   * the target has not applied the weight within `settleTimeoutMs`.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<Status>
  /**
   * Makes one round (load, read, decide, persist, apply), as a cron job does, at any interval. The time since the round
   * of another process counts up to twice the longer of `intervalMs` and the time between the two rounds before.
   * Keeps the process alive, and rejects `TARGET_FAILED` as `run()` does.
   */
  evaluate(): Promise<Status>
  /** Returns the present status, without reading anything outside of this process. */
  status(): Status
  /**
   * Returns the decisions that are kept, newest first. `limit` bounds their number (1 to 1,000); `before` is the
   * `sequence` of a decision: only older ones are returned. It works before `start()` and after `close()`.
   *
   * Rejects `INVALID_OPTION` and `UNKNOWN_OPTION`; and `STORE_FAILED` or `INVALID_STATE` if this process knows no
   * decision yet and the store cannot be read.
   *
   * @example
   * const newest = await canary.history({ limit: 20 })
   * const older = await canary.history({ limit: 20, before: newest.at(-1)?.sequence })
   */
  history(options?: HistoryOptions): Promise<readonly Decision[]>
  /**
   * Returns what both versions served, for charts: spans of a minute in the last hour, longer ones before, oldest first.
   * The last one is not over yet. Empty as long as nothing is known.
   *
   * Rejects `STORE_FAILED` if another process keeps the points and the store cannot be read. Reads the store at most
   * every 5 s.
   *
   * @example
   * const served = (await canary.points()).map(({ to, canary }) => [to, canary.errors / canary.requests])
   */
  points(): Promise<readonly Point[]>
  /** Returns a status as sentences, by default the present one. */
  explain(status?: Status): string
  /**
   * Returns how many of the processes that share the rollout apply its latest change, such as the rollback before this
   * call. Waits until all do, but at most 1,250 ms, and then returns how many it knows of. Does not reject.
   *
   * @example
   * await canary.rollback()
   * const { reached, of } = await canary.reached()
   */
  reached(): Promise<Reached>
  /** Calls the listener with every event of a type. The returned function ends that. */
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  /**
   * Hands the messages about this rollout to a courier, first those that an earlier process could not deliver.
   * A webhook does this in `attach`. The returned function ends it.
   */
  deliverTo(courier: Courier): () => void
  /**
   * Stops the timers and waits at most 2 s for pending writes and messages. If it leaves another weight than the
   * decided one at the target, an alert says which. Idempotent.
   */
  close(): Promise<void>
}

/** A controller with the methods that only the code that assembled it may call. */
export interface AssembledController extends Controller {
  /** Rolls back this epoch immediately in this process, regardless of the judge. */
  trip(reason: string, epoch: number): void
  /** Returns the counts of all processes that share the rollout in the present stay. */
  fleetCounts(): Promise<ByVariant<Summary>>
  /** Warms this process's canary, and once more if something to warm was added meanwhile. */
  warm(): Promise<void>
  /** Returns whether the rollout is in its bake period. */
  isBaking(): boolean
  /** Returns what was known of the baseline when the rollout began. */
  calibration(): Calibration
}
