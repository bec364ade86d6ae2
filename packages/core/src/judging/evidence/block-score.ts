import type { ByVariant } from '../../foundation/vocabulary.js'
import { type Hypothesis, isComparison, type Side } from '../../guardrails/hypothesis.js'
import { SAFE_ALTERNATIVES } from '../../statistics/alternatives.js'
import { type BinomialCounts, logBlockEvidence } from '../../statistics/block-evidence.js'
import { logLimitEvidence } from '../../statistics/limit-evidence.js'
import { logExceedsEvidence, logStaysBelowEvidence } from '../../statistics/mean-evidence.js'
import { type Moments, varianceOf } from '../../statistics/moments.js'
import { expectedShare, type HypothesisState } from './hypothesis-state.js'

/** What one block says on one side of a hypothesis: logarithms by alternative, not tempered yet. */
export interface BlockScore {
  readonly inferiority: readonly number[]
  /** `null` where the hypothesis proves no safety. */
  readonly nonInferiority: readonly number[] | null
}

/** The most that an alternative may be, and how far it must lie beyond the boundary to be one. */
const LARGEST_RATE = 0.999
const BEYOND = 1.001

/** The canary's variance is taken to be at least this part of the baseline's. */
const LEAST_VARIANCE = 0.5

/** A figure that never varied is taken to do so by this part of its margin: nothing is known for certain. */
const LEAST_SCATTER = 0.1

/** Scores a block on one side; `tolerable` is a fraction of the margin. */
export function scoreBlock(
  hypothesis: Hypothesis,
  side: Side,
  state: HypothesisState,
  block: ByVariant<Moments>,
  tolerable: number,
  dispersion: number,
): BlockScore {
  if (hypothesis.form === 'mean') return scoreMeans(hypothesis, side, state, block, tolerable, dispersion)
  const counts = { baseline: countsOn(side, block.baseline), canary: countsOn(side, block.canary) }
  return scoreShares(hypothesis, side, state.memory, counts, tolerable)
}

function scoreShares(
  hypothesis: Hypothesis,
  side: Side,
  memory: Moments,
  block: ByVariant<BinomialCounts>,
  tolerable: number,
): BlockScore {
  const { margin, limit, priorShare, alternatives } = hypothesis
  if (limit !== null) {
    const line = side === 'rise' ? limit : 1 - limit
    const unit = limitUnit(margin, line)
    const inferiority = alternatives.shifts.map((shift) =>
      logLimitEvidence(block.canary, Math.min(line + shift * unit, LARGEST_RATE), line),
    )
    return { inferiority, nonInferiority: null }
  }
  const rate = expectedShare(memory, priorShare)
  const expected = side === 'rise' ? rate : 1 - rate
  const against = (shift: number, boundary: number): ByVariant<number> | undefined => {
    const canary = Math.min(expected + shift * margin, LARGEST_RATE)
    const isBeyond = shift * margin > boundary ? canary - expected > BEYOND * boundary : true
    return isBeyond ? { canary, baseline: expected } : undefined
  }
  const score = (shift: number, boundary: number): number => {
    const alternative = against(shift, boundary)
    return alternative === undefined ? 0 : logBlockEvidence(block, alternative, boundary)
  }
  return {
    inferiority: alternatives.shifts.map((shift) => score(shift, tolerable * margin)),
    nonInferiority: isComparison(hypothesis) ? SAFE_ALTERNATIVES.shifts.map((shift) => score(shift, margin)) : null,
  }
}

/** What an excess over a limit is counted in: the margin, or the limit where that is less. */
const limitUnit = (margin: number, limit: number): number => (limit > 0 ? Math.min(margin, limit) : margin)

function countsOn(side: Side, { count, sum }: Moments): BinomialCounts {
  return { n: count, x: side === 'rise' ? sum : count - sum }
}

function scoreMeans(
  { margin, limit, alternatives }: Hypothesis,
  side: Side,
  { scatter }: HypothesisState,
  { baseline, canary }: ByVariant<Moments>,
  tolerable: number,
  dispersion: number,
): BlockScore {
  const known = varianceOf(scatter.baseline) ?? varianceOf(scatter.canary)
  if (known === undefined || canary.count === 0 || (limit === null && baseline.count === 0)) {
    return { inferiority: alternatives.shifts.map(() => 0), nonInferiority: SAFE_ALTERNATIVES.shifts.map(() => 0) }
  }
  const variance = Math.max(known, (LEAST_SCATTER * margin) ** 2)
  const canaryVariance = Math.max(varianceOf(scatter.canary) ?? variance, LEAST_VARIANCE * variance)
  const sign = side === 'rise' ? 1 : -1
  const reference = limit ?? baseline.sum / baseline.count
  const difference = sign * (canary.sum / canary.count - reference)
  const noise = dispersion * ((limit === null ? variance / baseline.count : 0) + canaryVariance / canary.count)
  const boundary = limit === null ? tolerable * margin : 0
  const unit = limit === null ? margin : limitUnit(margin, Math.abs(limit))
  return {
    inferiority: alternatives.shifts.map((shift) =>
      logExceedsEvidence(difference, noise, boundary, shift * unit - boundary),
    ),
    nonInferiority:
      limit === null
        ? SAFE_ALTERNATIVES.shifts.map((shift) =>
            logStaysBelowEvidence(difference, noise, margin, (1 - shift) * margin),
          )
        : null,
  }
}
