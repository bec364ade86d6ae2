import type { Target } from '@model-canary/core/controller'

/** What a target drives, for one rule: the canary has a share of 0 at first. */
export interface TargetPlace {
  /** Opens the target. A rule that calls this twice means two processes that drive the same thing. */
  open(): Target | Promise<Target>
  /** The canary's share in force, in percent, as whatever the target drives tells it. */
  weight(): number | Promise<number>
  /** Sets the share as somebody else does, without the target. */
  setWeight?(weight: number): void | Promise<void>
  /** From now on, what the target drives answers nothing. */
  hang?(): void | Promise<void>
  /** Called when a rule is over. */
  close?(): void | Promise<void>
}

/** Makes a place for one rule. */
export type MakeTargetPlace = () => TargetPlace | Promise<TargetPlace>
