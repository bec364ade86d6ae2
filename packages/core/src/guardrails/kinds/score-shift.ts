import { refuseUnknown } from '../../foundation/options.js'
import { refuseNonObject } from '../../foundation/right-form.js'
import { MEAN_ALTERNATIVES } from '../../statistics/alternatives.js'
import { compareMeans } from '../compare-means.js'
import type { GuardrailKind } from '../guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from '../guardrail-options.js'
import { comparisonAndLimit, type Statistic } from '../hypothesis.js'
import { positiveMargin } from '../margin.js'

/** The mean score must not move, up or down, by more than `margin` (in the score's own unit). */
export interface ScoreShiftGuardrail extends GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: 'scoreShift'
  /** Accepted change of the mean score, in the score's own unit. */
  readonly margin: number
}

/** Options of `scoreShift`. A score has its own unit, so its margin has no default. */
export interface ScoreShiftOptions extends GuardrailOptions {
  /** The greatest accepted change of the mean score, up or down, in the score's own unit. */
  readonly margin: number
}

/**
 * The mean of a numeric output, such as a confidence or a price, must not move, up or down.
 *
 * Throws `INVALID_MARGIN`, `INVALID_OPTION`, `UNKNOWN_OPTION` and `INVALID_NAME`.
 *
 * @example
 * scoreShift({ margin: 0.05 })
 */
export function scoreShift(options: ScoreShiftOptions): ScoreShiftGuardrail {
  refuseNonObject('scoreShift', options, 'scoreShift({ margin: 0.1 })')
  refuseUnknown('scoreShift', options, { name: 1, severity: 1, margin: 1 })
  return Object.freeze({
    kind: 'scoreShift',
    ...identityOf('scoreShift', options),
    margin: positiveMargin('scoreShift.margin', options.margin),
  })
}

/** The mean score. */
export const meanScore: Statistic = {
  name: 'mean score',
  unit: 'plain',
  momentsOf: ({ score }) => score,
  byUser: { sumsOf: ({ score }) => score },
}

/** The definition of `scoreShift`. */
export const scoreShiftKind: GuardrailKind<ScoreShiftGuardrail> = {
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
  thresholdsOf: () => ({}),
  hypothesesOf: ({ name, margin }) =>
    comparisonAndLimit(name, null, {
      form: 'mean',
      statistic: meanScore,
      sides: ['rise', 'fall'],
      margin,
      priorShare: 0,
      alternatives: MEAN_ALTERNATIVES,
      tested: 'always',
    }),
}
