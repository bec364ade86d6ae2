import type { ByVariant, Variant } from '../foundation/vocabulary.js'
import { figure } from '../guardrails/figures.js'
import { leftOutOf, type Summary } from '../summaries/summary.js'
import type { StepContext } from './judge.js'

/**
 * If heavy users make this much more of the canary's calls than of the baseline's, nothing is promoted. If they are
 * everywhere, the users change, and those that are left are compared.
 */
const HELD_ABOVE = 0.2

/** From this share of an arm's calls on, calls that are left out are reported. */
const TOLD_FROM = 0.02

/** A note about calls that are left out of the comparison. */
export interface LeftOutNote {
  readonly message: string
  /** Whether they are so many of the canary's calls that nothing is promoted. */
  readonly isHeld: boolean
}

/** Returns the calls of both arms that are left out. */
export const leftOutIn = ({ baseline, canary }: ByVariant<Summary>): ByVariant<number> => ({
  baseline: leftOutOf(baseline),
  canary: leftOutOf(canary),
})

/** Returns a note about the calls of heavy users; `undefined` if they are few. `begun` are the calls that are compared. */
export function leftOutNote(
  leftOut: ByVariant<number>,
  begun: ByVariant<number>,
  phase: StepContext['phase'],
): LeftOutNote | undefined {
  const shareOf = (variant: Variant): number => leftOut[variant] / Math.max(1, leftOut[variant] + begun[variant])
  const shares = { baseline: shareOf('baseline'), canary: shareOf('canary') }
  const most = shares.canary >= shares.baseline ? 'canary' : 'baseline'
  if (shares[most] < TOLD_FROM) return undefined
  const message = `${figure(100 * shares[most])} % of the ${most}'s calls are not compared: they come from users whose traffic began or multiplied during the rollout, or whose calls failed before it`
  return { message, isHeld: phase !== 'warm-up' && shares.canary - shares.baseline > HELD_ABOVE }
}
