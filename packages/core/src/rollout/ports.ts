import type { Guardrail } from '../analysis/guardrail.js'
import type { Calibration } from '../analysis/judge.js'
import type { Counts } from './analyze.js'

/** Where counts come from. */
export interface MetricsSource {
  /**
   * What has been counted since the window opened, cumulatively; `'no-data'` where nothing has been.
   * A rejection is an `error` verdict: it holds the rollout, and is never a failure of the canary.
   */
  read(window: { readonly epoch: number; readonly step: number }, signal: AbortSignal): Promise<Counts | 'no-data'>
  /** The same at once, for counts that are in this process: between two looks a judge may be shown them. Must not throw. */
  peek?(window: { readonly epoch: number; readonly step: number }): Counts | 'no-data'
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
  readonly epoch: number
  /** Rises with every change, so that a late write can be told from the newest. */
  readonly revision: number
}

/** Where a weight goes: a mesh, a load balancer, a table. */
export interface Target {
  apply(split: TargetSplit, signal: AbortSignal): Promise<void>
}
