import { type Defaults, refuseUnknown } from '../../foundation/options.js'
import { refuseNonObject } from '../../foundation/right-form.js'
import { CLASS_ALTERNATIVES, MEAN_ALTERNATIVES } from '../../statistics/alternatives.js'
import { totalOf } from '../../summaries/histogram.js'
import { scoreBinsOf } from '../../summaries/summary.js'
import { compareMeans } from '../compare-means.js'
import type { GuardrailKind } from '../guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from '../guardrail-options.js'
import { type Hypothesis, idOf, type Statistic } from '../hypothesis.js'
import { fractionMargin, positiveMargin } from '../margin.js'
import { edgesOf, lowerHalfByUser, lowerHalfOf, scoreClassesOf, variationOfShift } from '../score-classes.js'

/** The mean score must not move, up or down, by more than `margin` (in the score's own unit). */
export interface ScoreShiftGuardrail extends GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: 'scoreShift'
  /** Accepted change of the mean score, in the score's own unit. */
  readonly margin: number
  /**
   * Accepted change of the distribution, as a fraction of the scores; `false` if only the mean is judged, and `null` if
   * it follows from the margin.
   */
  readonly totalMargin: number | false | null
}

/** Options of `scoreShift`. A score has its own unit, so its margin has no default. */
export interface ScoreShiftOptions extends GuardrailOptions {
  /** The greatest accepted change of the mean score, up or down, in the score's own unit. */
  readonly margin: number
  /**
   * The greatest accepted change of the distribution: the fraction of the scores that move to another tenth of the
   * baseline's scores. `false` judges the mean alone. @default null, which is 0.10, or as much as a shift of all scores
   * by `margin` makes if that is more
   */
  readonly totalMargin?: number | false | null | undefined
}

/** What an option is if it is not given. */
const SCORE_SHIFT_DEFAULTS = { totalMargin: null } as const satisfies Defaults<ScoreShiftOptions>

/**
 * The mean of a numeric output, such as a confidence or a price, must not move, up or down, and
 * neither must its distribution.
 *
 * Throws `MARGIN_NOT_A_FRACTION`, `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * scoreShift({ margin: 0.05 })
 */
export function scoreShift(options: ScoreShiftOptions): ScoreShiftGuardrail {
  refuseNonObject('scoreShift', options, 'scoreShift({ margin: 0.1 })')
  refuseUnknown('scoreShift', options, { name: 1, severity: 1, margin: 1, totalMargin: 1 })
  const { totalMargin = SCORE_SHIFT_DEFAULTS.totalMargin } = options
  return Object.freeze({
    kind: 'scoreShift',
    ...identityOf('scoreShift', options),
    margin: positiveMargin('scoreShift.margin', options.margin),
    totalMargin:
      totalMargin === false || totalMargin === null
        ? totalMargin
        : fractionMargin('scoreShift.totalMargin', totalMargin),
  })
}

/** The mean score. */
export const meanScore: Statistic = {
  name: 'mean score',
  unit: 'plain',
  momentsOf: ({ score }) => score,
  byUser: { sumsOf: ({ score }) => score },
}

/** How the distribution of the scores is judged, which follows from the baseline's history. */
export interface ScoreThresholds {
  /**
   * The edges of the classes and the margin; `unknown` if there are scores without bins, `narrow` if nearly all of them
   * are in one bin. Left out while too few scores are known.
   */
  readonly classes?: { readonly edges: readonly number[]; readonly margin: number } | 'unknown' | 'narrow'
}

/** The classes are taken from at least this many scores. */
const FEWEST_SCORES = 100

/** The least accepted change of the distribution that follows from the margin. */
const LEAST_TOTAL_MARGIN = 0.1

/** The weight of the distribution. */
const TOTAL_PART = 0.5

/** The definition of `scoreShift`. */
export const scoreShiftKind: GuardrailKind<ScoreShiftGuardrail, ScoreThresholds> = {
  make: scoreShift,
  priority: () => 0.1,
  whenCold: 'nothing',
  hasClasses: false,
  limitOf: () => null,
  compareArms: ({ margin }, { baseline, canary }) => ({
    subject: meanScore.name,
    counted: 'scores',
    unit: meanScore.unit,
    margin,
    limit: null,
    ...compareMeans({ baseline: baseline.score, canary: canary.score }, 'move'),
  }),
  thresholdsOf({ margin, totalMargin }, history) {
    if (totalMargin === false || history.score.count < FEWEST_SCORES) return {}
    const bins = scoreBinsOf(history)
    if (bins === undefined || totalOf(bins) === 0) return { classes: 'unknown' }
    const edges = edgesOf(bins)
    if (edges.length === 0) return { classes: 'narrow' }
    const leastMargin = Math.max(LEAST_TOTAL_MARGIN, variationOfShift(edges, bins, margin))
    return { classes: { edges, margin: totalMargin ?? Math.min(1, leastMargin) } }
  },
  isPartial: ({ totalMargin }, { classes }) => totalMargin !== false && classes === undefined,
  noteOf: (_, { classes }) => (typeof classes === 'string' ? NOTES[classes] : undefined),
  /** The mean is tested from the start on; its part stays the same when the distribution is added. */
  hypothesesOf({ name, margin, totalMargin }, { classes }) {
    const mean: Hypothesis = {
      id: name,
      form: 'mean',
      statistic: meanScore,
      sides: ['rise', 'fall'],
      margin,
      limit: null,
      priorShare: 0,
      alternatives: MEAN_ALTERNATIVES,
      part: totalMargin === false ? 1 : 1 - TOTAL_PART,
      tested: 'always',
    }
    if (totalMargin === false || classes === undefined || typeof classes === 'string') return [mean]
    const { edges } = classes
    return [
      mean,
      {
        id: idOf(name, 'total'),
        form: 'share',
        statistic: {
          name: 'share of the lower half of the scores',
          unit: 'share',
          momentsOf: (summary) => lowerHalfOf(edges, summary),
          byUser: lowerHalfByUser(edges),
        },
        sides: ['rise'],
        margin: classes.margin,
        limit: null,
        priorShare: 0.5,
        alternatives: CLASS_ALTERNATIVES,
        part: TOTAL_PART,
        classes: scoreClassesOf(edges, (place) => idOf(name, 'tenth', `${place}`)),
        isHarmOnly: true,
        noise: 'shared',
        marginNote: 'in total, by totalMargin',
        tested: 'always',
      },
    ]
  },
}

/** Why the distribution is not judged, for people. */
const NOTES = {
  unknown: 'only the mean is judged: the source does not tell the distribution of the scores',
  narrow: 'only the mean is judged: the scores are too close together to tell their distribution',
} as const
