import { show } from '../foundation/options.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import { predictionCount, type Summary } from '../summaries/summary.js'
import { bernoulli, type ComparedMeans, compareMeans } from './compare-means.js'
import type { PredictionShiftGuardrail } from './guardrail.js'
import type { Measurement } from './measurement.js'

interface ClassCounts extends ByVariant<number> {
  readonly subject: string
}

/**
 * Measures the class whose share of the predictions moved furthest, up or down, as a fraction.
 *
 * Classes below `minShare` in both arms, and predictions beyond the labels that are kept, are one
 * class together.
 */
export function measurePredictionShift(guardrail: PredictionShiftGuardrail, arms: ByVariant<Summary>): Measurement {
  const totals = {
    baseline: predictionCount(arms.baseline.predictions),
    canary: predictionCount(arms.canary.predictions),
  }
  const classes = classesOf(arms, totals, guardrail.minShare)
  const compared = classes.map((one): ComparedMeans & { readonly subject: string } => ({
    subject: one.subject,
    ...compareMeans(
      { baseline: bernoulli(one.baseline, totals.baseline), canary: bernoulli(one.canary, totals.canary) },
      'move',
    ),
  }))
  const furthest = compared.reduce((a, b) => ((b.difference ?? 0) > (a.difference ?? 0) ? b : a))
  return {
    counted: 'predictions',
    unit: 'share',
    margin: guardrail.margin,
    limit: null,
    ...furthest,
    comparisons: 2 * classes.length,
  }
}

/** Every class that is large enough in either arm, and behind them all the others as one. */
function classesOf(arms: ByVariant<Summary>, totals: ByVariant<number>, minShare: number): readonly ClassCounts[] {
  if (totals.baseline === 0 || totals.canary === 0) return [{ subject: 'share of all classes', ...totals }]
  const baseline = new Map(arms.baseline.predictions.labels)
  const canary = new Map(arms.canary.predictions.labels)
  const rest = { ...totals }
  const classes: ClassCounts[] = []
  for (const label of new Set([...baseline.keys(), ...canary.keys()])) {
    const counts = { baseline: baseline.get(label) ?? 0, canary: canary.get(label) ?? 0 }
    const isSmall = counts.baseline / totals.baseline < minShare && counts.canary / totals.canary < minShare
    if (isSmall) continue
    classes.push({ subject: `share of ${show(label)}`, ...counts })
    rest.baseline -= counts.baseline
    rest.canary -= counts.canary
  }
  return [...classes, { subject: 'share of all other classes', ...rest }]
}
