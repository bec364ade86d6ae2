import type { ArmComparison } from '../../guardrails/arm-comparison.js'
import { amountIn, bareIn, figure, valueIn } from '../../guardrails/figures.js'
import type { SignificanceTest } from '../../statistics/significance.js'

/** Returns a comparison, such as "error rate 7.41 % against 1.1 %: 6.31 points more, 2 accepted". */
export function comparisonReason({ subject, unit, harm, baseline, canary, difference, margin }: ArmComparison): string {
  const rise = canary! - baseline!
  const values = `${subject} ${valueIn(unit, canary!)} against ${valueIn(unit, baseline!)}`
  if (rise === 0) return `${values}: no difference, ${amountIn(unit, margin)} accepted`
  const isNarrow = difference! > margin && bareIn(unit, difference!) === bareIn(unit, margin)
  const amount = `${isNarrow ? 'just over ' : ''}${amountIn(unit, Math.abs(rise))} ${rise > 0 ? 'more' : 'less'}`
  const isHarmless = difference! < 0
  const accepted = isHarmless ? `${bareIn(unit, margin)} ${harm === 'fall' ? 'less' : 'more'}` : bareIn(unit, margin)
  return `${values}: ${amount}, ${accepted} accepted`
}

/** Returns the comparison, and that it shows nothing. */
export function cannotFailReason(comparison: ArmComparison): string {
  return `${comparisonReason(comparison)}, which shows nothing: against this baseline no canary could be worse by more`
}

/** Returns the count so far, such as "62 of 100 canary requests". */
export function tooFewReason({ samples, counted }: ArmComparison, minSamples: number): string {
  return `${samples.canary} of ${minSamples} canary ${counted}`
}

/** Returns "no baseline requests yet to compare 120 of the canary with". */
export function noBaselineYetReason({ samples, counted }: ArmComparison): string {
  return `no baseline ${counted} yet to compare ${samples.canary} of the canary with`
}

/** Returns "error rate 12 % is above the limit of 10 %". */
export function beyondLimitReason({ subject, unit, harm, canary, limit }: ArmComparison): string {
  const side = harm === 'fall' ? 'below' : 'above'
  const isNarrow = valueIn(unit, canary!) === valueIn(unit, limit!)
  return `${subject} ${valueIn(unit, canary!)} is ${isNarrow ? 'just ' : ''}${side} the limit of ${valueIn(unit, limit!)}`
}

/** Returns "error rate 3 % is within the limit of 10 %; at 100 % there is no baseline". */
export function withinLimitReason({ subject, unit, canary, limit }: ArmComparison): string {
  return `${subject} ${valueIn(unit, canary!)} is within the limit of ${valueIn(unit, limit!)}; at 100 % there is no baseline`
}

/** Returns "error rate 3 % has no limit to keep, and at 100 % there is no baseline to compare with". */
export function nothingToCompareReason({ subject, unit, canary }: ArmComparison): string {
  return `${subject} ${valueIn(unit, canary!)} has no limit to keep, and at 100 % there is no baseline to compare with`
}

/** Returns "mean latency is not judged during the warm-up; 12 canary requests so far". */
export function warmingUpReason({ subject, samples, counted }: ArmComparison): string {
  return `${subject} is not judged during the warm-up; ${samples.canary} canary ${counted} so far`
}

/** Returns the comparison, and why its excess may be chance. */
export function perhapsChanceReason(
  comparison: ArmComparison,
  test: SignificanceTest,
  pValue: number | undefined,
): string {
  const doubt =
    pValue === undefined
      ? `too few values for the ${test.name} test`
      : `not significant (p ${figure(pValue)}, ${figure(test.alpha)} needed)`
  return `${comparisonReason(comparison)}, but ${doubt}`
}
