import { ok } from 'node:assert/strict'
import type { Target } from '@model-canary/core/controller'
import type { PlaceStage } from '../contract-places.js'
import type { TargetPlace } from './place.js'
import type { BringOptions, Splits } from './splits.js'

/** What a rule about targets receives. */
export interface TargetStage extends PlaceStage<Target, TargetPlace> {
  readonly splits: Splits
  /** Sends the next split, and asserts that the target takes it. */
  bring(target: Target, weight: number, options?: BringOptions): Promise<void>
  /** Sends the next split, and asserts that the target rejects it. */
  refuses(target: Target, weight: number, options?: BringOptions): Promise<void>
  /** Asserts that this share, in percent, is in force. */
  isInForce(weight: number, why?: string): Promise<void>
  /** Sets the share as another writer does. */
  setWeight(weight: number): Promise<void>
}

/** Turns a rule about targets into a test. */
export type PlayTarget = (act: (stage: TargetStage) => Promise<void>) => () => Promise<void>

/** Adds the actions and assertions of rules about targets to a stage. */
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
