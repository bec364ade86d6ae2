import type { ByVariant } from '../../foundation/vocabulary.js'
import type { ArmComparison } from '../../guardrails/arm-comparison.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { compareArms, isOfLatency } from '../../guardrails/kind-of.js'
import type { Moments } from '../../statistics/moments.js'
import type { SignificanceTest } from '../../statistics/significance.js'
import type { Summary } from '../../summaries/summary.js'
import { hasRoom } from '../evidence/can-fail.js'
import type { Check, Phase } from '../judge.js'
import * as reason from './threshold-reason.js'

/** The rules by which a comparison of the arms becomes a check. */
export interface CheckRules {
  /** The least number of canary observations. */
  readonly minSamples: number
  readonly test: SignificanceTest | undefined
  readonly phase: Phase
}

type Ruling = Pick<Check, 'outcome' | 'rule' | 'reason'>

/** Returns the check of one guardrail by its margin and limit, on the summaries of both arms. */
export function thresholdCheck(guardrail: Guardrail, arms: ByVariant<Summary>, rules: CheckRules): Check {
  const comparison = compareArms(guardrail, arms)
  const { unit, baseline, canary, difference, margin, limit, samples } = comparison
  return {
    guardrail: guardrail.name,
    severity: guardrail.severity,
    ...rulingOn(guardrail, comparison, rules),
    unit,
    baseline,
    canary,
    difference,
    margin,
    limit,
    samples,
  }
}

/** Returns the result of the first rule that applies. Missing data is ruled out before anything counts as held. */
function rulingOn(guardrail: Guardrail, comparison: ArmComparison, rules: CheckRules): Ruling {
  const { difference, margin, moments, samples } = comparison
  if (rules.phase === 'warm-up' && isOfLatency(guardrail)) {
    return { outcome: 'undecided', rule: 'phase', reason: reason.warmingUpReason(comparison) }
  }
  if (samples.canary < rules.minSamples) {
    return { outcome: 'undecided', rule: 'samples', reason: reason.tooFewReason(comparison, rules.minSamples) }
  }
  if (isBeyondLimit(comparison)) {
    return { outcome: 'breached', rule: 'limit', reason: reason.beyondLimitReason(comparison) }
  }
  if (difference === null) return rulingWithoutBaseline(comparison, rules.phase)
  if (difference <= margin) {
    if (!canFail(comparison))
      return { outcome: 'undecided', rule: 'margin', reason: reason.cannotFailReason(comparison) }
    return { outcome: 'held', rule: 'margin', reason: reason.comparisonReason(comparison) }
  }
  if (rules.test !== undefined && moments !== null) return rulingBy(rules.test, comparison, moments)
  return { outcome: 'breached', rule: 'margin', reason: reason.comparisonReason(comparison) }
}

function isBeyondLimit({ canary, limit, harm }: ArmComparison): boolean {
  if (canary === null || limit === null) return false
  return harm === 'fall' ? canary < limit : canary > limit
}

/**
 * Returns whether a canary could be worse than this baseline by more than the margin. If not, the comparison shows
 * nothing.
 */
function canFail({ baseline, unit, harm, margin }: ArmComparison): boolean {
  if (harm === 'rise') return unit !== 'share' || hasRoom(baseline!, margin)
  return harm === 'move' || baseline !== 0
}

/** Returns the result without a baseline. While baking at 100 %, only an absolute limit can still be checked. */
function rulingWithoutBaseline(comparison: ArmComparison, phase: Phase): Ruling {
  if (phase !== 'bake') {
    return { outcome: 'undecided', rule: 'samples', reason: reason.noBaselineYetReason(comparison) }
  }
  if (comparison.limit === null) {
    return { outcome: 'undecided', rule: 'phase', reason: reason.nothingToCompareReason(comparison) }
  }
  return { outcome: 'held', rule: 'limit', reason: reason.withinLimitReason(comparison) }
}

/** Returns the result with a significance test, with Bonferroni's correction for the number of comparisons. */
function rulingBy(test: SignificanceTest, comparison: ArmComparison, moments: ByVariant<Moments>): Ruling {
  const single = test.pValueOf(moments)
  const pValue = single === undefined ? undefined : Math.min(1, single * comparison.comparisons)
  if (pValue !== undefined && pValue <= test.alpha) {
    return { outcome: 'breached', rule: 'margin', reason: reason.comparisonReason(comparison) }
  }
  return { outcome: 'undecided', rule: 'significance', reason: reason.perhapsChanceReason(comparison, test, pValue) }
}
