import type { VersionMetrics } from '@model-canary/core'

/** The share of a class among the predictions of each version, from 0 to 1. */
export interface ClassShares {
  readonly label: string
  readonly baseline: number
  readonly canary: number
}

/** How many classes are shown; the others are added up. */
const MOST_CLASSES = 12

/** Returns the classes that either version predicts, most frequent first, and the rest as one. */
export function classSharesOf(
  baseline: Partial<VersionMetrics> | undefined,
  canary: Partial<VersionMetrics> | undefined,
): readonly ClassShares[] {
  const shares = [baseline?.predictionDistribution ?? {}, canary?.predictionDistribution ?? {}] as const
  const labels = [...new Set(shares.flatMap((each) => Object.keys(each)))]
  const classes = labels
    .map((label) => ({ label, baseline: shares[0][label] ?? 0, canary: shares[1][label] ?? 0 }))
    .sort((a, b) => b.baseline + b.canary - a.baseline - a.canary)
  if (classes.length <= MOST_CLASSES) return classes
  const rest = classes.slice(MOST_CLASSES - 1)
  const sum = (of: (each: ClassShares) => number): number => rest.reduce((total, each) => total + of(each), 0)
  const others = {
    label: `${rest.length} others`,
    baseline: sum((each) => each.baseline),
    canary: sum((each) => each.canary),
  }
  return [...classes.slice(0, MOST_CLASSES - 1), others]
}
