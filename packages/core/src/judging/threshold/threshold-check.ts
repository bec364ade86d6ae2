import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { isOfLatency, measure } from '../../guardrails/kind-of.js'
import type { Measurement } from '../../guardrails/measurement.js'
import type { Moments } from '../../statistics/moments.js'
import type { SignificanceTest } from '../../statistics/significance.js'
import type { Summary } from '../../summaries/summary.js'
import { hasRoom } from '../evidence/can-fail.js'
import type { Check, Phase } from '../judge.js'
import * as reason from './threshold-reason.js'

/** By which rules a threshold turns a measurement into a check. */
export interface CheckRules {
  /** Canary observations below which nothing is decided. */
  readonly minSamples: number
  readonly test: SignificanceTest | undefined
  readonly phase: Phase
}

type Ruling = Pick<Check, 'outcome' | 'rule' | 'reason'>

/** Judges one guardrail by its thresholds, on the summaries of both arms. */
export function thresholdCheck(guardrail: Guardrail, arms: ByVariant<Summary>, rules: CheckRules): Check {
  const measured = measure(guardrail, arms)
  const { baseline, canary, difference, margin, limit, samples } = measured
  return {
    guardrail: guardrail.name,
    severity: guardrail.severity,
    ...rulingOn(guardrail, measured, rules),
    baseline,
    canary,
    difference,
    margin,
    limit,
    samples,
  }
}

/** The first rule that applies speaks; "no data" is caught before anything may be held. */
function rulingOn(guardrail: Guardrail, measured: Measurement, rules: CheckRules): Ruling {
  const { difference, margin, moments, samples } = measured
  if (rules.phase === 'warm-up' && isOfLatency(guardrail)) {
    return { outcome: 'undecided', rule: 'phase', reason: reason.warmingUpReason(measured) }
  }
  if (samples.canary < rules.minSamples) {
    return { outcome: 'undecided', rule: 'samples', reason: reason.tooFewReason(measured, rules.minSamples) }
  }
  if (isBeyondLimit(measured)) {
    return { outcome: 'breached', rule: 'limit', reason: reason.beyondLimitReason(measured) }
  }
  if (difference === null) return rulingWithoutBaseline(measured, rules.phase)
  if (difference <= margin) {
    if (!canFail(measured)) return { outcome: 'undecided', rule: 'margin', reason: reason.cannotFailReason(measured) }
    return { outcome: 'held', rule: 'margin', reason: reason.comparisonReason(measured) }
  }
  if (rules.test !== undefined && moments !== null) return rulingBy(rules.test, measured, moments)
  return { outcome: 'breached', rule: 'margin', reason: reason.comparisonReason(measured) }
}

function isBeyondLimit({ canary, limit, harm }: Measurement): boolean {
  if (canary === null || limit === null) return false
  return harm === 'fall' ? canary < limit : canary > limit
}

/** Whether a canary could be worse than this baseline by more than the margin; else nothing is shown by one that is not. */
function canFail({ baseline, unit, harm, margin }: Measurement): boolean {
  if (harm === 'rise') return unit !== 'share' || hasRoom(baseline!, margin)
  return harm === 'move' || baseline !== 0
}

/** While baking at 100 % nothing flows to the baseline: only an absolute limit can still be kept. */
function rulingWithoutBaseline(measured: Measurement, phase: Phase): Ruling {
  if (phase !== 'bake') {
    return { outcome: 'undecided', rule: 'samples', reason: reason.noBaselineYetReason(measured) }
  }
  if (measured.limit === null) {
    return { outcome: 'undecided', rule: 'phase', reason: reason.nothingToCompareReason(measured) }
  }
  return { outcome: 'held', rule: 'limit', reason: reason.withinLimitReason(measured) }
}

/** Bonferroni: the worst of several comparisons must stand out among all of them. */
function rulingBy(test: SignificanceTest, measured: Measurement, moments: ByVariant<Moments>): Ruling {
  const single = test.pValueOf(moments)
  const pValue = single === undefined ? undefined : Math.min(1, single * measured.comparisons)
  if (pValue !== undefined && pValue <= test.alpha) {
    return { outcome: 'breached', rule: 'margin', reason: reason.comparisonReason(measured) }
  }
  return { outcome: 'undecided', rule: 'significance', reason: reason.perhapsChanceReason(measured, test, pValue) }
}
