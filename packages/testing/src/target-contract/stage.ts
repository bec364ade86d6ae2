import { ok } from 'node:assert/strict'
import type { Target } from '@model-canary/core/controller'
import type { PlaceStage } from '../contract-places.js'
import type { TargetPlace } from './place.js'
import type { BringOptions, Splits } from './splits.js'

/** What a rule about targets is given. */
export interface TargetStage extends PlaceStage<Target, TargetPlace> {
  readonly splits: Splits
  /** Sends the next split, and demands that the target takes it. */
  bring(target: Target, weight: number, options?: BringOptions): Promise<void>
  /** Sends the next split, and demands that the target rejects it. */
  refuses(target: Target, weight: number, options?: BringOptions): Promise<void>
  /** Demands that this share is in force, in percent. */
  isInForce(weight: number, why?: string): Promise<void>
  /** Sets the share as somebody else does. */
  setWeight(weight: number): Promise<void>
}

/** Makes a test of a rule about targets. */
export type PlayTarget = (act: (stage: TargetStage) => Promise<void>) => () => Promise<void>

/** Adds to a stage what rules about targets do and demand. */
export function targetStage(stage: PlaceStage<Target, TargetPlace>, splits: Splits): TargetStage {
  const { place, within } = stage
  return {
    ...stage,
    splits,
    bring: (target, weight, options) => within(`apply() of ${weight} %`, splits.bring(target, weight, options)),
    async refuses(target, weight, options) {
      const isTaken = await within(
        `apply() of ${weight} % ends`,
        splits.bring(target, weight, options).then(
          () => true,
          () => false,
        ),
      )
      ok(!isTaken, `apply() of ${weight} % must be rejected`)
    },
    async isInForce(weight, why = 'apply() has resolved') {
      const found = await within('the share is read', Promise.resolve(place.weight()))
      ok(Math.abs(found - weight) < 1e-9, `the canary has ${found} %, not ${weight} %: ${why}`)
    },
    async setWeight(weight) {
      const { setWeight } = place
      if (setWeight === undefined) throw new Error('pass "setWeight", or skip this rule and say why')
      await setWeight(weight)
    },
  }
}
