import { type Defaults, numberWithin, refuseUnknown, show } from '../../foundation/options.js'
import { refuseNonObject } from '../../foundation/right-form.js'
import type { ByVariant } from '../../foundation/vocabulary.js'
import { CLASS_ALTERNATIVES } from '../../statistics/alternatives.js'
import { type PredictionCounts, predictionCount, type Summary } from '../../summaries/summary.js'
import { type ClassShare, classesOf, noiseAt, onlyOneOf, partOf, riseAndLoss } from '../class-shares.js'
import { bernoulli, type ComparedMeans, compareMeans } from '../compare-means.js'
import type { GuardrailKind } from '../guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from '../guardrail-options.js'
import { type Hypothesis, idOf, type Statistic } from '../hypothesis.js'
import { fractionMargin } from '../margin.js'

/** The share of each predicted class must not move, up or down, by more than `margin` (a fraction). */
export interface PredictionShiftGuardrail extends GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: 'predictionShift'
  /** Accepted change of each class's share, as a fraction. */
  readonly margin: number
  /** Classes below this share in both arms are judged together as "other". */
  readonly minShare: number
  /** Accepted change of all classes together, as a fraction; `false` if they are not judged together. */
  readonly totalMargin: number | false
}

/** Options of `predictionShift`. */
export interface PredictionShiftOptions extends GuardrailOptions {
  /** The greatest accepted change of a class's share, up or down, as a fraction. @default 0.10 */
  readonly margin?: number | undefined
  /**
   * Classes below this share are judged together. A class that is rarer than `margin` must not lose more than half of
   * its share. @default 0.004
   */
  readonly minShare?: number | undefined
  /**
   * The greatest accepted change of all classes together, as a fraction: the part of the predictions that moves from
   * one class to another, which is the total variation. Many small changes add up to it. `false` judges each class
   * alone. @default 0.10, or `margin` if that is larger
   */
  readonly totalMargin?: number | false | undefined
}

/** What an option is if it is not given; `totalMargin` is at least the margin. */
const PREDICTION_SHIFT_DEFAULTS = {
  margin: 0.1,
  minShare: 0.004,
  totalMargin: 0.1,
} as const satisfies Defaults<PredictionShiftOptions>

/**
 * The share of each predicted class must not move, up or down.
 *
 * A new model may differ a little, so the test is not for equality. Many classes that move by less than `margin` each
 * are judged together by `totalMargin`. Throws `MARGIN_NOT_A_FRACTION`,
 * `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * predictionShift({ margin: 0.1 }) // "positive" may go from 60 % to 70 %, not to 80 %
 */
export function predictionShift(options: PredictionShiftOptions = {}): PredictionShiftGuardrail {
  refuseNonObject('predictionShift', options, 'predictionShift({ margin: 0.1 })')
  refuseUnknown('predictionShift', options, { name: 1, severity: 1, margin: 1, minShare: 1, totalMargin: 1 })
  const { margin = PREDICTION_SHIFT_DEFAULTS.margin, minShare = PREDICTION_SHIFT_DEFAULTS.minShare } = options
  const accepted = fractionMargin('predictionShift.margin', margin)
  const { totalMargin = Math.max(accepted, PREDICTION_SHIFT_DEFAULTS.totalMargin) } = options
  return Object.freeze({
    kind: 'predictionShift',
    ...identityOf('predictionShift', options),
    margin: accepted,
    minShare: numberWithin('predictionShift.minShare', minShare, 0, 1),
    totalMargin: totalMargin === false ? false : fractionMargin('predictionShift.totalMargin', totalMargin),
  })
}

/** The values that a guardrail on predictions takes from the baseline's history. */
export interface ClassThresholds {
  /** Classes of at least `minShare`, most frequent first. */
  readonly labels: readonly string[]
  /** Their shares in the history. */
  readonly shares: readonly number[]
}

/** The weight of all other classes together, which are rare or new, in the evidence on predictions. */
const OTHER_PART = 0.1

/** The weight of all classes together. */
const TOTAL_PART = 0.6

/** The share of other classes that is expected before the first block. */
const OTHER_PRIOR = 0.01

/** The definition of `predictionShift`. */
export const predictionShiftKind: GuardrailKind<PredictionShiftGuardrail, ClassThresholds> = {
  make: predictionShift,
  priority: () => 0.2,
  whenCold: 'nothing',
  hasClasses: true,
  limitOf: () => null,
  compareArms({ margin, minShare }, arms) {
    const totals = {
      baseline: predictionCount(arms.baseline.predictions),
      canary: predictionCount(arms.canary.predictions),
    }
    const classes = largeClassesOf(arms, totals, minShare)
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
      margin,
      limit: null,
      ...furthest,
      comparisons: 2 * classes.length,
    }
  },
  thresholdsOf({ minShare }, { predictions }) {
    const total = predictionCount(predictions)
    if (total === 0) return null
    const large = predictions.labels
      .filter(([, count]) => count / total >= minShare)
      .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    return { labels: large.map(([label]) => label), shares: large.map(([, count]) => count / total) }
  },
  /**
   * Of two classes one is enough, because the other mirrors it. "Other" is tested even if it is empty: a class may be
   * new. Where the margin lets a class vanish, the loss of its own share is tested instead of its fall. Of two classes
   * and "other", the total shift is the largest of the three, so it is tested from three classes on.
   */
  hypothesesOf({ name, margin, totalMargin }, { labels, shares }) {
    const known = labels.map((label, at): ClassShare => ({ label, share: shares[at]! }))
    const independent = known.length === 2 ? [onlyOneOf(known, margin)] : known
    const isTotal = totalMargin !== false && (labels.length > 2 || (labels.length > 0 && totalMargin < margin))
    const rest = isTotal ? 1 - TOTAL_PART : 1
    const any = {
      form: 'share',
      sides: ['rise', 'fall'],
      margin,
      limit: null,
      alternatives: CLASS_ALTERNATIVES,
      tested: 'always',
    } as const
    const classes = independent.flatMap((one): readonly Hypothesis[] => {
      const moves: Hypothesis = {
        ...any,
        id: idOf(name, 'class', one.label),
        statistic: shareOfClass(one.label),
        priorShare: 1 / Math.max(2, labels.length),
        part: rest * (1 - OTHER_PART) * partOf(one, independent),
        ...noiseAt(one.share),
      }
      return one.share < margin ? riseAndLoss(moves, idOf(name, 'loss', one.label), one.share) : [moves]
    })
    const others: Hypothesis = {
      ...any,
      id: idOf(name, 'others'),
      statistic: shareOfOthers(labels),
      priorShare: OTHER_PRIOR,
      part: independent.length === 0 ? 1 : rest * OTHER_PART,
      ...noiseAt(shares.reduce((left, share) => left - share, 1)),
    }
    if (!isTotal) return [...classes, others]
    const total: Hypothesis = {
      ...any,
      id: idOf(name, 'total'),
      statistic: others.statistic,
      sides: ['rise'],
      margin: totalMargin,
      priorShare: 0.5,
      part: TOTAL_PART,
      classes: classesOf(name, labels),
      isHarmOnly: true,
      noise: 'shared',
      marginNote: 'in total, by totalMargin',
    }
    return [...classes, others, total]
  },
}

/** The share of a class among all predictions, including those whose label is not kept. */
export const shareOfClass = (label: string): Statistic => ({
  name: `share of ${show(label)}`,
  unit: 'share',
  momentsOf: ({ predictions }) => bernoulli(labelCount(predictions, label), predictionCount(predictions)),
  byUser: {
    needs: { classes: [label] },
    sumsOf({ predicted, predictions }) {
      const sums = predictions.find(([known]) => known === label)?.[1]
      return sums && [predicted, sums]
    },
  },
})

/** The share of all classes that are not listed. */
export const shareOfOthers = (labels: readonly string[]): Statistic => ({
  name: 'share of all other classes',
  unit: 'share',
  momentsOf({ predictions }) {
    const total = predictionCount(predictions)
    return bernoulli(total - labels.reduce((sum, label) => sum + labelCount(predictions, label), 0), total)
  },
  byUser: {
    sumsOf({ predicted, predictions }) {
      const listed = predictions.filter(([label]) => labels.includes(label)).map(([, counts]) => counts)
      if (listed.length < labels.length) return undefined
      return [predicted, predicted.map((all, place) => listed.reduce((rest, counts) => rest - counts[place]!, all))]
    },
  },
})

function labelCount({ labels }: PredictionCounts, wanted: string): number {
  return labels.find((pair) => pair[0] === wanted)?.[1] ?? 0
}

interface ClassCounts extends ByVariant<number> {
  readonly subject: string
}

/** Returns each class that is large enough in either arm, and then all other classes as one. */
function largeClassesOf(arms: ByVariant<Summary>, totals: ByVariant<number>, minShare: number): readonly ClassCounts[] {
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
