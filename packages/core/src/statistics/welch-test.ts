import { CanaryError } from '../foundation/errors.js'
import { type Defaults, refuseUnknown, show } from '../foundation/options.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import { type Moments, meanOf, varianceOf } from './moments.js'
import type { SignificanceTest } from './significance.js'
import { studentTail } from './student-t.js'

/** Options of `welchTest`. */
export interface WelchTestOptions {
  /** How often an unchanged canary may be called worse, per look, between 0 and 0.5. @default 0.05 */
  readonly alpha?: number | undefined
}

/** What an option is if it is not given. */
const WELCH_TEST_DEFAULTS = { alpha: 0.05 } as const satisfies Defaults<WelchTestOptions>

/** What Welch's test computes on its way to a p-value. */
export interface WelchResult {
  readonly t: number
  readonly degreesOfFreedom: number
  /** P(T > t): small if the canary's mean is higher. */
  readonly pValue: number
}

/**
 * A one-sided Welch t-test for `thresholdJudge`: is the canary's mean higher than the baseline's?
 *
 * It keeps its error rate at unequal counts and variances, for one look. A judge that looks every few
 * seconds risks an error of `alpha` at each look. Throws `INVALID_OPTION`, `UNKNOWN_OPTION`.
 *
 * @example
 * thresholdJudge({ minSamples: 1_000, test: welchTest({ alpha: 0.01 }) })
 */
export function welchTest(options: WelchTestOptions = {}): SignificanceTest {
  refuseUnknown('welchTest', options, { alpha: 1 })
  const { alpha = WELCH_TEST_DEFAULTS.alpha } = options
  if (!(typeof alpha === 'number' && alpha > 0 && alpha < 0.5)) {
    throw new CanaryError('INVALID_OPTION', `welchTest.alpha must lie between 0 and 0.5, got ${show(alpha)}`)
  }
  return Object.freeze({ name: 'welch', alpha, pValueOf: (moments: ByVariant<Moments>) => welch(moments)?.pValue })
}

/**
 * Returns Welch's t for two means whose variances may differ; `undefined` for fewer than two values in either arm.
 *
 *     t = (x̄_c − x̄_b) / √(v_c + v_b),   v = s²/n,   ν = (v_c + v_b)² / (v_c²/(n_c − 1) + v_b²/(n_b − 1))
 *
 * If neither arm varies, two different constants differ with certainty.
 *
 * Welch (1947), Biometrika 34:28–35, with the degrees of freedom of Satterthwaite (1946),
 * Biometrics Bulletin 2:110–114.
 */
export function welch({ baseline, canary }: ByVariant<Moments>): WelchResult | undefined {
  const b = errorOfMean(baseline)
  const c = errorOfMean(canary)
  if (b === undefined || c === undefined) return undefined
  const increase = c.mean - b.mean
  const variance = c.variance + b.variance
  if (variance === 0) return certain(increase, baseline.count + canary.count - 2)
  const t = increase / Math.sqrt(variance)
  const degreesOfFreedom =
    1 / ((c.variance / variance) ** 2 / (canary.count - 1) + (b.variance / variance) ** 2 / (baseline.count - 1))
  return { t, degreesOfFreedom, pValue: studentTail(t, degreesOfFreedom) }
}

function errorOfMean(moments: Moments): { readonly mean: number; readonly variance: number } | undefined {
  const mean = meanOf(moments)
  const variance = varianceOf(moments)
  return mean === undefined || variance === undefined ? undefined : { mean, variance: variance / moments.count }
}

function certain(increase: number, degreesOfFreedom: number): WelchResult {
  if (increase > 0) return { t: Number.POSITIVE_INFINITY, degreesOfFreedom, pValue: 0 }
  return { t: increase < 0 ? Number.NEGATIVE_INFINITY : 0, degreesOfFreedom, pValue: 1 }
}
