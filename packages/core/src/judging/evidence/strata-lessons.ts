import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Summary } from '../../summaries/summary.js'
import type { Judge } from '../judge.js'
import { type BaselineHistory, historySummaryOf, isBaselineHistory, windowCountOf } from './baseline-history.js'
import { type UsersKnown, usersKnown, usersToKeep } from './kept-users.js'
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
    freeze(history, open, { guardrails, weights, kept }) {
      if (!isBaselineHistory(history)) return history
      const { users } = history
      const isKeptUsed = windowCountOf(history) >= thresholdWindows // else thresholds are not known
      const known = usersKnown({ users, open, kept: isKeptUsed ? kept : undefined })
      if (known === null) return users === null ? history : { ...history, users: null, offsets: null }
      const summary = historySummaryOf(history)
      const place = { guardrails, history: summary, weights, windowMs: tickMs }
      return { ...history, users: null, offsets: offsetsAtStart(atPresent(known, guardrails, summary), place) }
    },
    keep: (history, open, kept) =>
      usersToKeep({ users: isBaselineHistory(history) ? history.users : null, open, kept }),
  }
}

/** Thresholds of another process, from which the baseline has moved away, are replaced; their counts are not used. */
const atPresent = (known: UsersKnown, guardrails: readonly Guardrail[], history: Summary): UsersKnown =>
  known.ageMs === undefined ? known : { ...known, thresholds: nextThresholds(guardrails, history, known.thresholds) }

const thresholdsAt = (history: BaselineHistory, guardrails: readonly Guardrail[]): UsersPast['thresholds'] =>
  nextThresholds(guardrails, historySummaryOf(history), history.users?.thresholds)
