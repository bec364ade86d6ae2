import type { Alternatives } from '../statistics/alternatives.js'
import { LIMIT_ALTERNATIVES } from '../statistics/alternatives.js'
import type { Moments } from '../statistics/moments.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'
import type { Unit } from './figures.js'

/** Which way a figure may go wrong. */
export type Side = 'rise' | 'fall'

/** The counts and the sums of a figure, by the place that a user is hashed into. */
export type SumsByPlace = readonly [counts: readonly number[], sums: readonly number[]]

/** One figure of an arm: a share of requests, or a mean. */
export interface Statistic {
  /** As a sentence begins: "error rate". */
  readonly name: string
  readonly unit: Unit
  /** Returns the sufficient statistics of the finished flights: a yes counts as 1, a no as 0, a mean in its own unit. */
  momentsOf(summary: Summary): Moments
  /** Returns how many flights under way are a yes already; left out if that cannot be known before the end. */
  underWayOf?(summary: Summary): number
  /** A larger value counts as this one; left out if values count as they are. */
  readonly cap?: number
  /** The same figure by user, where it is kept. */
  readonly byUser?: {
    sumsOf(clusters: Clusters): SumsByPlace | undefined
    /** Returns the variance of one summand in the history; left out if it is that of the figure itself. */
    varianceOf?(history: Summary): number
  }
}

/**
 * One figure that must not move too far: what a guardrail comes down to.
 *
 * `share` is a yes/no figure and exact; `mean` is a mean and asymptotic. With a `limit` the canary
 * alone is held against it, and nothing about the difference is proved.
 */
export interface Hypothesis {
  /** Unique among the hypotheses of a rollout. */
  readonly id: string
  readonly form: 'share' | 'mean'
  readonly statistic: Statistic
  readonly sides: readonly Side[]
  /** The greatest move that is accepted, in the figure's own unit. */
  readonly margin: number
  readonly limit: number | null
  readonly alternatives: Alternatives
  /** The share that is expected before anything has been seen. */
  readonly priorShare: number
  /** Its part of the guardrail's evidence. */
  readonly part: number
  /** When it is tested. One of the warm-up alone can roll back, and proves nothing: the warm-up promotes nobody. */
  readonly tested: 'always' | 'warm-up' | 'after warm-up'
}

/** Whether the difference of the two arms is to be proved small. */
export const isComparison = ({ limit, tested }: Hypothesis): boolean => limit === null && tested !== 'warm-up'

/** The part of a guardrail's evidence that an absolute limit gets. */
export const LIMIT_PART = 0.2

/** An id within a guardrail, whose own name cannot have the character that separates them. */
export const idOf = (...parts: readonly string[]): string => parts.join('\u0001')

/** Returns the comparison of a guardrail, and beside it the absolute limit if there is one. */
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
