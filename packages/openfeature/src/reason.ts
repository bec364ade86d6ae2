import type { Assignment, AssignmentReason } from '@model-canary/core'
import { StandardResolutionReasons } from '@openfeature/server-sdk'

/** The reasons of OpenFeature that an assignment can have. */
export type FlagReason = 'SPLIT' | 'STATIC' | 'TARGETING_MATCH' | 'DEFAULT' | 'DISABLED' | 'ERROR'

const { SPLIT, STATIC, TARGETING_MATCH, DEFAULT, DISABLED, ERROR } = StandardResolutionReasons

const REASONS: Readonly<Record<AssignmentReason, FlagReason>> = {
  split: SPLIT,
  override: TARGETING_MATCH,
  'no-key': DEFAULT, // nobody to evaluate for: what is set for that case
  disabled: DISABLED,
  'strategy-error': ERROR,
}

/** Why a flag has its value. At 0 and at 100 percent nothing is left to chance: `STATIC`. */
export function flagReasonOf({ reason, weight }: Pick<Assignment, 'reason' | 'weight'>): FlagReason {
  return reason === 'split' && (weight === 0 || weight === 100) ? STATIC : REASONS[reason]
}
