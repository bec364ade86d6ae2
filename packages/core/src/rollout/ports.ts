import type { Guardrail } from '../analysis/guardrail.js'
import type { Summary } from '../metrics/summary.js'
import type { ByVariant } from '../vocabulary.js'

/** Where counts come from. */
export interface MetricsSource {
  /**
   * What has been counted since the window opened, cumulatively; `'no-data'` where nothing has been.
   * A rejection is an `error` verdict: it holds the rollout, and is never a failure of the canary.
   */
  read(
    window: { readonly epoch: number; readonly step: number },
    signal: AbortSignal,
  ): Promise<ByVariant<Summary> | 'no-data'>
  /** The baseline as it was before the rollout, where somebody watched it. */
  before?(): Summary | null
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
