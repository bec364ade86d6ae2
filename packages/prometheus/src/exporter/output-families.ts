import type { Moments } from '@model-canary/core/judge'
import type { Family, Sample } from './family.js'
import { byLabelText } from './label-text.js'
import type { Labels } from './labels.js'
import { countAndSum, eachArm } from './request-families.js'
import type { ScrapedArm } from './scrape.js'

/** The label of all classes beyond the limit, as in core. A class with this name is added to them. */
const OTHER = '(other)'

/** The label of a class or metric with an empty name, because Prometheus drops labels without a value. */
const EMPTY = '(empty)'

/** The families of predictions, scores and business metrics. */
export const outputFamilies: readonly Family[] = [
  {
    name: 'model_canary_predictions_total',
    type: 'counter',
    help: 'Predictions by class. Classes beyond the limit are counted together as "(other)".',
    read: eachArm(({ labels, summary: { predictions } }) =>
      predictionsOf(predictions).map(([name, value]) => ({ labels: labels.and('prediction', name), value })),
    ),
  },
  {
    name: 'model_canary_score',
    type: 'signed',
    help: 'Count and sum of the scores.',
    read: eachArm(({ labels, summary: { score } }) => (score.count > 0 ? countAndSum(labels, score) : [])),
  },
  {
    name: 'model_canary_score_squares_total',
    type: 'counter',
    help: 'Sum of the squared scores.',
    read: eachArm(({ labels, summary: { score } }) => (score.count > 0 ? [{ labels, value: score.sumOfSquares }] : [])),
  },
  {
    name: 'model_canary_metric',
    type: 'signed',
    help: 'Count and sum of the values of each business metric, in its own unit.',
    read: eachArm((arm) => eachMetric(arm, countAndSum)),
  },
  {
    name: 'model_canary_metric_squares_total',
    type: 'counter',
    help: 'Sum of the squared values of each business metric.',
    read: eachArm((arm) => eachMetric(arm, (labels, { sumOfSquares }) => [{ labels, value: sumOfSquares }])),
  },
]

function predictionsOf({ labels, other }: ScrapedArm['summary']['predictions']): readonly [string, number][] {
  const rest = other > 0 ? [[OTHER, other] as const] : []
  return [...byLabelText([...labels.map(visible), ...rest], (a, b) => a + b)]
}

function eachMetric(
  { labels, summary }: ScrapedArm,
  read: (labels: Labels, moments: Moments) => readonly Sample[],
): readonly Sample[] {
  return [...byLabelText(summary.metrics.map(visible), addMoments)].flatMap(([name, moments]) =>
    read(labels.and('metric', name), moments),
  )
}

function visible<Value>([name, value]: readonly [name: string, value: Value]): readonly [name: string, value: Value] {
  return [name === '' ? EMPTY : name, value]
}

function addMoments(a: Moments, b: Moments): Moments {
  return { count: a.count + b.count, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares }
}
