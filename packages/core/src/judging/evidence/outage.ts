import type { ByVariant } from '../../foundation/vocabulary.js'
import { bernoulli } from '../../guardrails/compare-means.js'
import { errorRateCount } from '../../guardrails/kinds/error-rate.js'
import { unansweredCount } from '../../guardrails/kinds/unanswered-rate.js'
import { type Moments, meanOf, noMoments } from '../../statistics/moments.js'
import type { Summary } from '../../summaries/summary.js'
import { remember } from './hypothesis-state.js'
import type { EvidencePolicy } from './policy.js'

/** How each arm's latest calls ended: failed and unanswered ones, of all. */
export type Health = ByVariant<Moments>

/** Nothing has ended yet. */
export const unknownHealth: Health = { baseline: noMoments, canary: noMoments }

/** So many calls are remembered of each arm, and so few say nothing. */
const LATEST = 50
const FEWEST = 10

/** The health with what came since. */
export function healthAfter(before: Health, { baseline, canary }: ByVariant<Summary>): Health {
  return {
    baseline: remember(before.baseline, failuresIn(baseline), LATEST),
    canary: remember(before.canary, failuresIn(canary), LATEST),
  }
}

/** A call that got no answer may have failed as well: each counts once. */
function failuresIn(summary: Summary): Moments {
  const failed = Math.max(errorRateCount.hitsOf(summary), unansweredCount.hitsOf(summary))
  return bernoulli(failed, Math.max(failed, errorRateCount.trialsOf(summary), unansweredCount.trialsOf(summary)))
}

/** Whether both arms fail so often that the canary is not seen in health: what they have in common is down. */
export function isOutage({ baseline, canary }: Health, { outageRate }: Pick<EvidencePolicy, 'outageRate'>): boolean {
  return [baseline, canary].every((arm) => arm.count >= FEWEST && meanOf(arm)! > outageRate)
}
