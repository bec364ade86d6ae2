import type { Assignment } from '@model-canary/core'
import type { AssignmentReason } from '@model-canary/core/adapter'

/** The reasons for a flag's value in the semantic conventions. */
export type ResultReason = 'split' | 'static' | 'targeting_match' | 'default' | 'disabled' | 'error'

const WORDS: Readonly<Record<AssignmentReason, ResultReason>> = {
  split: 'split',
  override: 'targeting_match',
  'no-key': 'default', // no user to evaluate for, so the default applies
  disabled: 'disabled',
  'strategy-error': 'error',
}

/** Returns the reason for an assignment. A split at 0 or 100 percent is `static`. */
export function resultReasonOf({ reason, weight }: Pick<Assignment, 'reason' | 'weight'>): ResultReason {
  if (reason === 'split' && (weight === 0 || weight === 100)) return 'static'
  return WORDS[reason]
}
