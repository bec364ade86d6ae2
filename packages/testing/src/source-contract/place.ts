import type { ByVariant, MetricsSource, SourceWindow } from '@model-canary/core/controller'

/** The calls of one version, by their outcomes. */
export interface ServedCalls {
  readonly success: number
  readonly error: number
}

/** A rollout in progress, for one rule: its source, and the traffic that the source counts. */
export interface SourcePlace {
  /** Opens the source. A rule calls this twice for a second process that reads the same traffic. */
  open(): MetricsSource | Promise<MetricsSource>
  /**
   * Begins a new stay at a weight, and returns its window: nothing that was served before counts in it. Called after
   * `open`.
   */
  nextWindow(): SourceWindow | Promise<SourceWindow>
  /**
   * Serves a number of calls of each version. Resolves once the source of the first process can have counted all of them.
   */
  serve(calls: ByVariant<ServedCalls>): void | Promise<void>
  /** From now on, what the source reads fails. */
  breakDown?(): void | Promise<void>
  /** From now on, what the source reads answers nothing. */
  hang?(): void | Promise<void>
  /** Called when a rule is over. */
  close?(): void | Promise<void>
}

/** Creates a place for one rule. */
export type MakeSourcePlace = () => SourcePlace | Promise<SourcePlace>
