import { RATE_ALTERNATIVES } from '../statistics/alternatives.js'
import { predictionCount, type Summary } from '../summaries/summary.js'
import { bernoulli, compareMeans } from './compare-means.js'
import type { GuardrailKind } from './guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from './guardrail-options.js'
import { comparisonAndLimit, type Statistic } from './hypothesis.js'
import { fractionMargin } from './margin.js'

/** The share of empty predictions must not rise by more than `margin` (a fraction). */
interface EmptyRateGuardrail extends GuardrailBase {
  readonly kind: 'emptyRate'
  readonly margin: number
}

interface EmptyRateOptions extends GuardrailOptions {
  readonly margin?: number
}

const emptyShare: Statistic = {
  name: 'rate of empty answers',
  unit: 'share',
  momentsOf: ({ predictions }: Summary) =>
    bernoulli(predictions.labels.find(([label]) => label === '')?.[1] ?? 0, predictionCount(predictions)),
}

/** A kind of guardrail that the library does not have. It consists of this file and a line of the registry. */
export const emptyRateKind: GuardrailKind<EmptyRateGuardrail, { readonly known: number }> = {
  make: ({ margin = 0.02, ...options }: EmptyRateOptions) => ({
    kind: 'emptyRate',
    ...identityOf('emptyRate', options),
    margin: fractionMargin('emptyRate.margin', margin),
  }),
  priority: () => 0.1,
  whenCold: 'nothing',
  hasClasses: false,
  limitOf: () => null,
  compareArms: ({ margin }, { baseline, canary }) => ({
    subject: emptyShare.name,
    counted: 'answers',
    unit: emptyShare.unit,
    margin,
    limit: null,
    ...compareMeans({ baseline: emptyShare.momentsOf(baseline), canary: emptyShare.momentsOf(canary) }, 'rise'),
  }),
  thresholdsOf(_, { predictions }) {
    const known = predictionCount(predictions)
    return known === 0 ? null : { known }
  },
  hypothesesOf: ({ name, margin }) =>
    comparisonAndLimit(name, null, {
      form: 'share',
      statistic: emptyShare,
      sides: ['rise'],
      margin,
      priorShare: 0.01,
      alternatives: RATE_ALTERNATIVES,
      tested: 'always',
    }),
}
