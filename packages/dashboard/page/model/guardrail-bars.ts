import type { Check } from '@model-canary/core/judge'

/** A guardrail as a bar: places from 0 to 1, from the best difference that is shown to the worst. */
export interface GuardrailBar {
  /** Where there is no difference between the versions. */
  readonly zero: number
  /** Where the greatest difference is that does not count as harm. */
  readonly tolerable: number
  /** Where the greatest difference is that is accepted. */
  readonly margin: number
  /** Where the measured difference is; `null` without data. */
  readonly difference: number | null
  /** The confidence limits of the difference; `null` with too few data. */
  readonly interval: readonly [low: number, high: number] | null
}

/** How far the evidence is, from 0 to 1; `null` if the judge gathers none. */
export interface EvidenceMeters {
  readonly rollback: number
  readonly promotion: number
}

/** The bar shows from one margin better to two margins worse; what is beyond is at its end. */
const BETTER = 1
const WORSE = 2

/** Returns the bar of a guardrail; `null` if it has no margin to compare with. */
export function barOf({ difference, margin, evidence }: Check): GuardrailBar | null {
  if (!(margin > 0)) return null
  const at = (value: number): number => Math.min(1, Math.max(0, (value / margin + BETTER) / (BETTER + WORSE)))
  const { interval = null, tolerable = 0 } = evidence ?? {}
  return {
    zero: at(0),
    tolerable: at(tolerable),
    margin: at(margin),
    difference: difference === null ? null : at(difference),
    interval: interval === null ? null : [at(interval.low ?? -Infinity), at(interval.high ?? Infinity)],
  }
}

/** Returns how far the evidence is on its way; evidence multiplies, so the way is measured in logarithms. */
export function metersOf({ evidence }: Check): EvidenceMeters | null {
  if (evidence === undefined) return null
  return { rollback: progressOf(evidence.harm), promotion: progressOf(evidence.safety) }
}

/** Returns how far evidence is, from 0 to 1. JSON has no infinity: a `null` is more than any number. */
export function progressOf({ now, needed }: { readonly now: number | null; readonly needed: number | null }): number {
  if (now === null) return 1
  if (needed === null || now <= 1) return 0
  return needed <= 1 ? 1 : Math.min(1, Math.log(now) / Math.log(needed))
}
