import { type Defaults, refuseUnknown } from '../../foundation/options.js'
import { refuseNonObject } from '../../foundation/right-form.js'
import type { ByVariant } from '../../foundation/vocabulary.js'
import { RATE_ALTERNATIVES } from '../../statistics/alternatives.js'
import type { CountsByUser } from '../../summaries/strata.js'
import type { Summary } from '../../summaries/summary.js'
import { bernoulli, compareMeans } from '../compare-means.js'
import type { GuardrailKind } from '../guardrail-kind.js'
import { type GuardrailBase, type GuardrailOptions, identityOf } from '../guardrail-options.js'
import { comparisonAndLimit, type Statistic, type SumsByPlace } from '../hypothesis.js'
import { optionalLimit } from '../limit.js'
import { fractionMargin } from '../margin.js'

/** A share of requests that must not rise by more than `margin` (a fraction), nor above `limit`. */
export interface RateGuardrail<Kind extends string> extends GuardrailBase {
  /** The kind of guardrail. */
  readonly kind: Kind
  /** Accepted rise of the rate, as a fraction. */
  readonly margin: number
  /** Absolute limit of the rate, as a fraction; `null` for none. */
  readonly limit: number | null
}

/** Options of `errorRate`, `timeoutRate` and `abortRate`. */
export interface RateOptions extends GuardrailOptions {
  /** The greatest accepted rise over the baseline, as a fraction. @default 0.02 */
  readonly margin?: number | undefined
  /** The highest accepted rate regardless of the baseline, as a fraction. @default null, none */
  readonly limit?: number | null | undefined
}

/** What an option is if it is not given. */
export const RATE_DEFAULTS = { margin: 0.02, limit: null } as const satisfies Defaults<RateOptions>

/** Returns the guardrail of any rate, checked and frozen. */
export function rateGuardrail<Kind extends string>(kind: Kind, options: RateOptions): RateGuardrail<Kind> {
  refuseNonObject(kind, options, `${kind}({ margin: 0.02 })`)
  refuseUnknown(kind, options, { name: 1, severity: 1, margin: 1, limit: 1 })
  const { margin = RATE_DEFAULTS.margin, limit = RATE_DEFAULTS.limit } = options
  return Object.freeze({
    kind,
    ...identityOf(kind, options),
    margin: fractionMargin(`${kind}.margin`, margin),
    limit: optionalLimit(`${kind}.limit`, limit, 0, 1),
  })
}

/** A rate: how its hits and trials are counted in a summary. */
export interface Rate {
  /** A name for messages, such as "error rate". */
  readonly name: string
  /** The trials, in the plural. */
  readonly counted: string
  hitsOf(summary: Summary): number
  trialsOf(summary: Summary): number
  /** Returns the trials and the hits by user, if they are kept. */
  byUserOf?(counts: CountsByUser): SumsByPlace | undefined
}

/** The share that is expected before the first block. */
const PRIOR = 0.01

/** Returns a rate as a statistic. */
export function rateStatistic({ name, hitsOf, trialsOf, byUserOf }: Rate): Statistic {
  return {
    name,
    unit: 'share',
    momentsOf: (summary) => bernoulli(hitsOf(summary), trialsOf(summary)),
    ...(byUserOf && { byUser: { sumsOf: byUserOf } }),
  }
}

/** Returns the definition of a kind of guardrail on a rate; `own` has what is particular to the kind. */
export function rateKind<G extends RateGuardrail<string>>(
  rate: Rate,
  own: Pick<GuardrailKind<G>, 'make'> & Partial<Pick<GuardrailKind<G>, 'priority' | 'whenCold'>>,
): GuardrailKind<G> {
  const statistic = rateStatistic(rate)
  return {
    priority: () => 0.1,
    whenCold: 'nothing',
    hasClasses: false,
    limitOf: ({ limit }) => limit,
    compareArms: ({ margin, limit }, { baseline, canary }: ByVariant<Summary>) => ({
      subject: rate.name,
      counted: rate.counted,
      unit: 'share',
      margin,
      limit,
      ...compareMeans({ baseline: statistic.momentsOf(baseline), canary: statistic.momentsOf(canary) }, 'rise'),
    }),
    thresholdsOf: () => ({}),
    hypothesesOf: ({ name, margin, limit }) =>
      comparisonAndLimit(name, limit, {
        form: 'share',
        statistic,
        sides: ['rise'],
        margin,
        priorShare: PRIOR,
        alternatives: RATE_ALTERNATIVES,
        tested: 'always',
      }),
    ...own,
  }
}
