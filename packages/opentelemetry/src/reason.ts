import type { Assignment, AssignmentReason } from '@model-canary/core'

/** The words that the semantic conventions know for how a flag's value was found. */
export type ResultReason = 'split' | 'static' | 'targeting_match' | 'default' | 'disabled' | 'error'

const WORDS: Readonly<Record<AssignmentReason, ResultReason>> = {
  split: 'split',
  override: 'targeting_match',
  'no-key': 'default', // nobody to evaluate for: what is set for that case
  disabled: 'disabled',
  'strategy-error': 'error',
}

/** Why a request was sent where it was sent. At 0 and at 100 percent nothing is left to chance: `static`. */
export function resultReasonOf({ reason, weight }: Pick<Assignment, 'reason' | 'weight'>): ResultReason {
  if (reason === 'split' && (weight === 0 || weight === 100)) return 'static'
  return WORDS[reason]
}
