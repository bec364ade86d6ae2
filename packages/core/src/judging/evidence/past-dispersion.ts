import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { dispersionOverTime, trimmedDispersionOverTime } from '../../statistics/dispersion.js'
import { type BaselineHistory, historySummaryOf, spreadOf } from './baseline-history.js'
import type { EvidencePolicy } from './policy.js'
import { type Dispersion, noDispersion } from './window-noise.js'

/** A smaller dispersion is attributed to chance. */
const WORTH_IT = 1.5

/** Returns a dispersion, or 1 if it is so small that chance explains it. */
export const ifWorthIt = (dispersion: number): number => (dispersion > WORTH_IT ? dispersion : 1)

/**
 * Returns the dispersion of the baseline before the rollout, by which the differences of the rollout are supplemented.
 *
 * At least `cautiousDispersion` if fewer than `minWindows` windows are known.
 */
export function pastDispersionOf(
  hypothesis: Hypothesis,
  past: BaselineHistory,
  { minWindows, cautiousDispersion }: Pick<EvidencePolicy, 'minWindows' | 'cautiousDispersion'>,
): Dispersion {
  if (hypothesis.noise === 'shared') return noDispersion
  const all = hypothesis.statistic.momentsOf(historySummaryOf(past))
  const spread = spreadOf(past, hypothesis)
  const least = spread.pairs + 1 < minWindows ? cautiousDispersion : 1
  return {
    whole: Math.max(least, ifWorthIt(dispersionOverTime(spread, all))),
    trimmed: Math.max(least, ifWorthIt(trimmedDispersionOverTime(spread, all))),
  }
}
