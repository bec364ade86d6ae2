import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Judge } from '../judge.js'
import { type BaselineHistory, historySummaryOf, isBaselineHistory, windowCountOf } from './baseline-history.js'
import type { EvidencePolicy } from './policy.js'
import { offsetsAtStart } from './user-offsets.js'
import { formFor, isGenerationDue, nextThresholds, type UsersPast, withGeneration } from './users-past.js'

/** Returns how an evidence judge learns from counts by stratum how the users differ. */
export function strataLessons({
  thresholdWindows,
  tickMs,
}: Pick<EvidencePolicy, 'thresholdWindows' | 'tickMs'>): NonNullable<NonNullable<Judge['learn']>['strata']> {
  return {
    formDue(history, guardrails) {
      if (!isBaselineHistory(history) || windowCountOf(history) < thresholdWindows) return undefined
      if (history.users !== null && !isGenerationDue(history.users)) return undefined
      return formFor(guardrails, thresholdsAt(history, guardrails))
    },
    add(history, generation, guardrails) {
      if (!isBaselineHistory(history)) return history
      const thresholds = thresholdsAt(history, guardrails)
      if (history.users === null) return { ...history, users: { thresholds, open: 0, newer: null, older: null } }
      return { ...history, users: withGeneration(history.users, generation, thresholds) }
    },
    freeze(history, generation, guardrails, weights) {
      if (!isBaselineHistory(history) || history.users === null) return history
      const place = { guardrails, history: historySummaryOf(history), weights, windowMs: tickMs }
      return { ...history, users: null, offsets: offsetsAtStart(history.users, generation, place) }
    },
  }
}

const thresholdsAt = (history: BaselineHistory, guardrails: readonly Guardrail[]): UsersPast['thresholds'] =>
  nextThresholds(guardrails, historySummaryOf(history), history.users?.thresholds)
