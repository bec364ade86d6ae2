import type { Alternatives } from '../statistics/alternatives.js'
import { LIMIT_ALTERNATIVES } from '../statistics/alternatives.js'
import type { Moments } from '../statistics/moments.js'
import type { CountsByUser, StrataForm } from '../summaries/strata.js'
import type { Summary } from '../summaries/summary.js'
import type { Unit } from './figures.js'

/** The direction in which a figure is harm. */
export type Side = 'rise' | 'fall'

/** The counts and sums of a figure, by the cluster or the stratum of the user's key. */
export type SumsByPlace = readonly [counts: readonly number[], sums: readonly number[]]

/** A figure of one arm, and how it is computed from a summary: a share of requests, or a mean. */
export interface Statistic {
  /** A name for messages, such as "error rate". */
  readonly name: string
  readonly unit: Unit
  /**
   * Returns the sufficient statistics of the finished flights: of a share, 1 for each hit and 0 for each other trial.
   */
  momentsOf(summary: Summary): Moments
  /** Returns how many pending flights are hits already; left out if that is not known before the end. */
  pendingHitsOf?(summary: Summary): number
  /** Larger values count as this one; left out without a cap. */
  readonly cap?: number
  /** The same figure by user, if it is kept. */
  readonly byUser?: {
    /** What strata must count for it, besides the outcomes. */
    readonly needs?: Partial<StrataForm>
    /** Returns `undefined` if these counts do not have the figure, such as strata with another latency cap. */
    sumsOf(counts: CountsByUser): SumsByPlace | undefined
    /**
     * Returns the variance of one value in the history, as clusters count it; left out if it is that of the figure
     * itself. In strata it is always that of the figure itself.
     */
    varianceOf?(history: Summary): number
  }
}

/** The classes of a distribution. Each value is in exactly one of them. */
export interface Classes {
  /** What they are, for messages, such as "predictions". */
  readonly subject: string
  /** Their names, for messages. */
  readonly names: readonly string[]
  /** The ids of each class alone, which are those of its hypotheses if there are any; left out if users do not matter. */
  readonly ids?: readonly string[]
  /** Each class alone by user, by place; left out if the hypotheses with the ids have it. */
  readonly byUser?: readonly NonNullable<Statistic['byUser']>[]
  /** Returns the number of values in each class, in the order of the names. */
  countsOf(summary: Summary): readonly number[]
}

/**
 * A statistic that must not move too far in given directions. A guardrail consists of one or more hypotheses.
 *
 * Evidence on a `share` is exact, on a `mean` asymptotic. With a `limit`, the canary alone is compared with the limit,
 * and nothing is proved about the difference of the arms.
 */
export interface Hypothesis {
  /** Unique among the hypotheses of a rollout. */
  readonly id: string
  readonly form: 'share' | 'mean'
  readonly statistic: Statistic
  readonly sides: readonly Side[]
  /** The greatest accepted move, in the statistic's own unit. */
  readonly margin: number
  /** The absolute limit; `null` if the two arms are compared. */
  readonly limit: number | null
  /** The alternatives that evidence of harm is gathered for. */
  readonly alternatives: Alternatives
  /** The share that is expected before the first block. */
  readonly priorShare: number
  /** Its weight in the guardrail's evidence. The parts of a guardrail's hypotheses sum to 1. */
  readonly part: number
  /**
   * The classes of a distribution, if it is about the set of those that became more frequent, which is learned from
   * earlier blocks. Left out if it is about the statistic, which is otherwise only used for the dispersion.
   */
  readonly classes?: Classes
  /** Whether it can roll back but needs no proof of safety; left out if it needs one. */
  readonly isHarmOnly?: boolean
  /** What its margin is, said after the margin in messages; left out if it is the guardrail's `margin`. */
  readonly marginNote?: string
  /** `shared` if its noise is that of the guardrail's other hypotheses; left out if it is estimated. */
  readonly noise?: 'shared'
  /** When it is tested. A hypothesis of the warm-up alone can roll back, and is not needed for a promotion. */
  readonly tested: 'always' | 'warm-up' | 'after warm-up'
}

/** Returns whether a hypothesis compares the two arms, so that their difference has to be proved small. */
export const isComparison = ({ limit, tested, isHarmOnly }: Hypothesis): boolean =>
  limit === null && tested !== 'warm-up' && isHarmOnly !== true

/** The weight of an absolute limit in a guardrail's evidence. */
export const LIMIT_PART = 0.2

/** Returns an id within a guardrail. The separator cannot occur in a guardrail's name. */
export const idOf = (...parts: readonly string[]): string => parts.join('\u0001')

/** Returns the comparison of a guardrail, and its absolute limit if it has one. */
export function comparisonAndLimit(
  name: string,
  limit: number | null,
  comparison: Omit<Hypothesis, 'id' | 'limit' | 'part'>,
  beyond: Statistic = comparison.statistic,
): readonly Hypothesis[] {
  if (limit === null) return [{ ...comparison, id: name, limit, part: 1 }]
  return [
    { ...comparison, id: name, limit: null, part: 1 - LIMIT_PART },
    {
      ...comparison,
      statistic: beyond,
      id: idOf(name, 'limit'),
      limit,
      alternatives: LIMIT_ALTERNATIVES,
      part: LIMIT_PART,
    },
  ]
}
