import type { ByVariant, Variant } from '../foundation/vocabulary.js'
import { figure } from '../guardrails/figures.js'
import { leftOutOf, type Summary } from '../summaries/summary.js'
import type { StepContext } from './judge.js'

/**
 * If this much more of the canary's calls than of the baseline's are left out, no step ends. If calls are left out of
 * both versions alike, the users change, and the other calls are compared.
 */
const HELD_ABOVE = 0.2

/** From this share of an arm's calls on, calls that are left out are reported. */
const TOLD_FROM = 0.02

/** A note about calls that are left out of the comparison. */
export interface LeftOutNote {
  readonly message: string
  /** Whether they are so many of the canary's calls that no step ends. */
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
  const isHeld = phase !== 'warm-up' && shares.canary - shares.baseline > HELD_ABOVE
  const told = `${figure(100 * shares[most])} % of the ${most}'s calls are not compared: they come from users whose traffic began or multiplied during the rollout, or whose calls failed before it`
  return { message: `${told}; ${isHeld ? held(shares.baseline) : most === 'canary' ? WARNING : JUDGED}`, isHeld }
}

const POINTS = 100 * HELD_ABOVE
const JUDGED = 'all other calls are judged as usual'
// an alert about this stands, and is not raised again if the rollout is held later
const WARNING = `${JUDGED}, but no step ends if this rises to ${POINTS} points above the baseline's part`

const held = (ofBaseline: number): string =>
  `no step ends while this is more than ${POINTS} points above the baseline's ${figure(100 * ofBaseline)} %: find these users, then wait until their part has fallen, or call promote()`
