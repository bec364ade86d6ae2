import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration } from '../judging/judge.js'
import type { Counts } from './counts.js'

/** One stay of a rollout at one weight. */
export interface SourceWindow {
  /** The number of the rollout, from 1. */
  readonly epoch: number
  /** The step: 0 is the warm-up. */
  readonly step: number
  /** When the weight came into force, as wall time in milliseconds since 1970: what a server with timestamps of its own counts from. */
  readonly openedAt: number
}

/** What a person should know of a source's counts. */
export interface SourceNote {
  /** Tells it from the source's other notes, and stays the same while its words change. */
  readonly id: string
  /** One sentence, without a full stop. */
  readonly message: string
  /** Whether somebody should look at it: it is an alert that stands while it is among the notes, and not only a part of `explain()`. */
  readonly isTrouble: boolean
}

/** Where counts come from. */
export interface MetricsSource {
  /**
   * What has been counted since the window opened, cumulatively; `'no-data'` where nothing has been.
   * A rejection, or an answer in another shape, is an `error` verdict: it holds the rollout, and is never a failure of the canary.
   */
  read(window: SourceWindow, signal: AbortSignal): Promise<Counts | 'no-data'>
  /** The same at once, for counts that are in this process: between two looks a judge may be shown them. Must not throw. */
  peek?(window: SourceWindow): Counts | 'no-data'
  /** What a person should know of the latest counts: how late they come, what was left out. Must not throw. */
  notes?(): readonly SourceNote[]
  /** What is known when a rollout begins, such as the baseline as it was before. */
  calibrate?(): Calibration
  /** The kinds of guardrail that these counts can answer; a rollout with another one is refused. @default all */
  readonly supports?: readonly Guardrail['kind'][]
  /** False for counts that begin at zero in every process. @default true */
  readonly survivesRestart?: boolean
}

/** A split as a target is told to apply it. */
export interface TargetSplit {
  /** The canary's share, in percent. */
  readonly weight: number
  /** The number of the rollout, from 1. A split of an older epoch is refused. */
  readonly epoch: number
  /** Rises with every change, so that a late write can be told from the newest. */
  readonly revision: number
  /**
   * True where less canary was decided: a rollback, a demotion, the kill switch, also one that was stored before this process began.
   * To be written over whatever is in force. Everything else is to be written only over what is this rollout's own.
   */
  readonly isReduction?: boolean
  /**
   * The share that is in force as far as this process, or its store, knows, in percent; `null` where nothing is known: as at a first start,
   * until the target has taken something, or the store has told what another process wrote.
   * A target that keeps a mark of what it applied takes this for a mark that is missing.
   */
  readonly lastKnown?: number | null
}

/** What somebody else made of a split that had been applied. */
export interface Drift {
  /** The canary's share that is in force now, in percent; `null` where that cannot be told. */
  readonly weight: number | null
  /** One sentence for a person: what was found, and what was applied. */
  readonly message: string
}

/** Where a weight goes: a mesh, a load balancer, a table. */
export interface Target {
  /**
   * Resolves once the split is in force. A rejection is tried again; the split before it stays.
   *
   * Reject a split of an older epoch than the one in force, whatever its weight: it comes from a process that is late.
   * Reject more canary over a weight that somebody else has set, and tell that as drift. Never reject a reduction of the present epoch.
   */
  apply(split: TargetSplit, signal: AbortSignal): Promise<void>
  /**
   * Tells whenever what was applied last is changed by somebody else, and `null` when it is in force again.
   * While it is not, only harm moves the rollout, and more canary is not sent. The watch goes on after the end of a rollout:
   * a drift away from 0 after a rollback is answered by `apply` with 0. The returned function ends the watch.
   */
  watch?(listener: (drift: Drift | null) => void): () => void
  /** Asked before an operator's `rollback()` after a promotion. Reject where the baseline has nobody to take the traffic: nothing is changed then. */
  checkBaseline?(signal: AbortSignal): Promise<void>
  /** The finest share that can be applied, in percent; a plan with a finer one is refused. @default 0.01 */
  readonly precision?: number
  /** True where the target splits the traffic itself: it cannot be given to a canary that does so in its process too. */
  readonly splitsTraffic?: boolean
}
