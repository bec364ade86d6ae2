import { versionMetricsOf } from '@model-canary/core/judge'
import { locationShift } from './location-shift.mjs'
import { verdictOf } from './verdict.mjs'

/** 98 % confidence: one percent on each side. */
const Z = 2.3263478740408408

/** How much of the estimated shift the interval must keep away from 0. */
const TOLERANCE = 0.25

/** The series that are compared, each a group of its own with the same weight; a rise is what harms. */
const METRICS = {
  errors: ({ errorRate }) => errorRate,
  latency: ({ avgLatencyMs }) => avgLatencyMs,
  'p99 latency': ({ p99LatencyMs }) => p99LatencyMs,
}

/**
 * The judge of Kayenta: series of minutes, a Mann–Whitney U test for each metric, and a score.
 *
 * A series is "high" where the interval of its shift lies beyond a quarter of the estimate. The score is the share of
 * groups that pass, by weight; an analysis passes from `pass` up and fails below. A step is one analysis, over as many
 * points as `points`. A metric without data passes nothing and fails nothing, so that a canary without any scores 0.
 *
 * Follows, of github.com/spinnaker/spinnaker, kayenta/kayenta-judge: NetflixACAJudge.scala (tolerance .25, confidence
 * .98, an allowed mean ratio of 1), classifiers/metric/MannWhitneyClassifier.scala, scorers/WeightedSumScorer.scala,
 * classifiers/score/ThresholdScoreClassifier.scala; kayenta-mannwhitney: MannWhitney.scala. Between two analyses of
 * one canary a score above `marginal` is enough to go on; with one a step that never happens.
 *
 * @param {{ points?: number, pass?: number }} [options]
 * @returns {import('@model-canary/core/judge').Judge}
 */
export function kayentaJudge({ points = 10, pass = 75 } = {}) {
  return {
    name: 'kayenta',
    open: () => ({ minutes: [] }),
    update: ({ minutes }, { baseline, canary }) => ({
      minutes: [...minutes, { baseline: pointOf(baseline), canary: pointOf(canary) }],
    }),
    decide({ minutes }, context) {
      if (minutes.length < points) return verdictOf('inconclusive', context)
      const labels = Object.keys(METRICS).map((name) =>
        labelOf(seriesOf(minutes, name, 'baseline'), seriesOf(minutes, name, 'canary')),
      )
      const score = scoreOf(labels)
      if (score >= pass) return verdictOf('pass', context)
      return verdictOf('fail', context, [`score: ${score.toFixed(0)} of 100, ${labels.join(', ')}`])
    },
  }
}

function pointOf(summary) {
  const figures = versionMetricsOf(summary)
  return Object.fromEntries(Object.entries(METRICS).map(([name, valueIn]) => [name, valueIn(figures)]))
}

/** Minutes without a value are left out. */
function seriesOf(minutes, name, arm) {
  return minutes.map((minute) => minute[arm][name]).filter((value) => value !== null)
}

/**
 * Classifies one metric of which only a rise is harm.
 *
 * @param {readonly number[]} control
 * @param {readonly number[]} experiment
 * @returns {'pass' | 'high' | 'no data'}
 */
export function labelOf(control, experiment) {
  if (control.length === 0 || experiment.length === 0) return 'no data'
  if (new Set([...control, ...experiment]).size === 1) return 'pass'
  const { low, estimate } = locationShift(experiment, control, Z)
  const ratio = meanOf(experiment) / meanOf(control) // without a mean of the control there is no effect to ask for
  return low > TOLERANCE * Math.abs(estimate) && !(ratio < 1) ? 'high' : 'pass'
}

/**
 * The share of equally weighted groups that pass, from 0 to 100; a group without data adds nothing.
 *
 * @param {readonly ('pass' | 'high' | 'no data')[]} labels
 */
export function scoreOf(labels) {
  return (100 * labels.filter((label) => label === 'pass').length) / labels.length
}

function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
