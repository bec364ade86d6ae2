import { emptySummary, mergeSummaries } from '@model-canary/core/judge'
import { verdictOf } from './verdict.mjs'

const ALPHA = 0.05
const TUNING = 5_000

/** Returns the count, the mean and the variance of one arm, as a guardrail needs them. */
const METRICS = {
  errors: ({ outcomes: { success, error, timeout } }) => {
    const count = success + error + timeout
    const mean = (error + timeout) / count
    return { count, mean, variance: mean * (1 - mean) }
  },
  latency: ({ latencyUs: { count, sum, sumOfSquares } }) => ({
    count,
    mean: sum / count,
    variance: (sumOfSquares - sum ** 2 / count) / (count - 1),
  }),
}

/**
 * A Safe Rollout of GrowthBook: a sequential test for each guardrail, on the whole rollout's counts.
 *
 * A guardrail is lost when the interval of its difference lies on the bad side of 0; one that is lost rolls back.
 * There is no margin, and no evidence is asked for to go on: a step ends when its time is up.
 *
 * Follows, of github.com/growthbook/growthbook: packages/stats/gbstats/frequentist/tests.py
 * (`SequentialOneSidedTreatmentLesserTTest`, `sequential_rho`, tuning parameter 5,000),
 * packages/shared/src/enterprise/decision-criteria (`getSafeRolloutResultStatus`: any guardrail that is a significant
 * loser rolls back) and packages/back-end (`getAnalysisSettingsFromSafeRolloutArgs`: sequential, absolute differences,
 * one-sided intervals). Its check of the split, which only pauses, is left out.
 *
 * @returns {import('@model-canary/core/judge').Judge}
 */
export function growthbookJudge() {
  return {
    name: 'growthbook',
    open: (previous) => previous ?? { baseline: emptySummary(), canary: emptySummary() },
    update: ({ baseline, canary }, block) => ({
      baseline: mergeSummaries(baseline, block.baseline),
      canary: mergeSummaries(canary, block.canary),
    }),
    decide({ baseline, canary }, context) {
      const lost = Object.entries(METRICS)
        .map(([name, statisticOf]) => ({ name, low: lowerLimit(statisticOf(baseline), statisticOf(canary)) }))
        .filter(({ low }) => low > 0)
      if (lost.length === 0) return verdictOf('pass', context)
      return verdictOf(
        'fail',
        context,
        lost.map(({ name, low }) => `${name}: higher by at least ${low}`),
      )
    },
  }
}

/**
 * A lower limit of the difference of two means, valid at every look; NaN while an arm does not vary.
 *
 * Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52, arXiv 2103.06476, eq. 134.
 *
 * @param {{ count: number, mean: number, variance: number }} baseline
 * @param {{ count: number, mean: number, variance: number }} canary
 */
export function lowerLimit(baseline, canary) {
  if (!(baseline.variance > 0 && canary.variance > 0)) return Number.NaN
  const error = Math.sqrt(baseline.variance / baseline.count + canary.variance / canary.count)
  return canary.mean - baseline.mean - error * halfWidth(baseline.count + canary.count)
}

/**
 * The half-width of a one-sided asymptotic confidence sequence, in standard errors.
 *
 * @param {number} count of both arms
 */
export function halfWidth(count) {
  const log = -2 * Math.log(2 * ALPHA)
  const scale = (count * (log + Math.log(log + 1))) / TUNING
  return Math.sqrt(((2 * (scale + 1)) / scale) * Math.log(1 + Math.sqrt(scale + 1) / (2 * ALPHA)))
}
