import type { ByVariant } from '../../foundation/vocabulary.js'
import { bernoulli } from '../../guardrails/compare-means.js'
import { errorRateCount } from '../../guardrails/kinds/error-rate.js'
import { unansweredCount } from '../../guardrails/kinds/unanswered-rate.js'
import { type Moments, meanOf, noMoments } from '../../statistics/moments.js'
import type { Summary } from '../../summaries/summary.js'
import { remember } from './hypothesis-state.js'
import type { EvidencePolicy } from './policy.js'

/** How each arm's latest calls ended: failed and unanswered calls among all. */
export type Health = ByVariant<Moments>

/** The health before any call has ended. */
export const unknownHealth: Health = { baseline: noMoments, canary: noMoments }

/** The number of latest calls of each arm that count, and the number below which they say nothing. */
const LATEST = 50
const FEWEST = 10

/** Returns the health after one more block. */
export function healthAfter(before: Health, { baseline, canary }: ByVariant<Summary>): Health {
  return {
    baseline: remember(before.baseline, failuresIn(baseline), LATEST),
    canary: remember(before.canary, failuresIn(canary), LATEST),
  }
}

/** Returns failed and unanswered calls as hits. A call may be both, and counts once. */
function failuresIn(summary: Summary): Moments {
  const failed = Math.max(errorRateCount.hitsOf(summary), unansweredCount.hitsOf(summary))
  return bernoulli(failed, Math.max(failed, errorRateCount.trialsOf(summary), unansweredCount.trialsOf(summary)))
}

/** Returns whether both arms fail so often that something they share is probably down. */
export function isOutage({ baseline, canary }: Health, { outageRate }: Pick<EvidencePolicy, 'outageRate'>): boolean {
  return [baseline, canary].every((arm) => arm.count >= FEWEST && meanOf(arm)! > outageRate)
}
