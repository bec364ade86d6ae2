import type { Target } from '@model-canary/core/controller'

/** What a target controls, for one rule. The canary's share is 0 at first. */
export interface TargetPlace {
  /** Opens the target. A rule calls this twice for two processes that control the same thing. */
  open(): Target | Promise<Target>
  /** Returns the canary's share in force, in percent, read from what the target controls. */
  weight(): number | Promise<number>
  /** Sets the share as another writer does, without the target. */
  setWeight?(weight: number): void | Promise<void>
  /** Makes what the target controls stop answering. */
  hang?(): void | Promise<void>
  /** Called when a rule is over. */
  close?(): void | Promise<void>
}

/** Creates a place for one rule. */
export type MakeTargetPlace = () => TargetPlace | Promise<TargetPlace>
