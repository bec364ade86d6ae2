import type { Assignment } from '@model-canary/core'
import type { AssignmentReason } from '@model-canary/core/adapter'
import { StandardResolutionReasons } from '@openfeature/server-sdk'

/** The OpenFeature reasons that an assignment can have. */
export type FlagReason = 'SPLIT' | 'STATIC' | 'TARGETING_MATCH' | 'DEFAULT' | 'DISABLED' | 'ERROR'

const { SPLIT, STATIC, TARGETING_MATCH, DEFAULT, DISABLED, ERROR } = StandardResolutionReasons

const REASONS: Readonly<Record<AssignmentReason, FlagReason>> = {
  split: SPLIT,
  override: TARGETING_MATCH,
  'no-key': DEFAULT, // no user to evaluate for, so the default applies
  disabled: DISABLED,
  'strategy-error': ERROR,
}

/** Returns the reason for a flag's value. A split at 0 or 100 percent is `STATIC`. */
export function flagReasonOf({ reason, weight }: Pick<Assignment, 'reason' | 'weight'>): FlagReason {
  return reason === 'split' && (weight === 0 || weight === 100) ? STATIC : REASONS[reason]
}
