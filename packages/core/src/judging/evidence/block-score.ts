import type { ByVariant } from '../../foundation/vocabulary.js'
import { type Hypothesis, isComparison, type Side } from '../../guardrails/hypothesis.js'
import { SAFE_ALTERNATIVES } from '../../statistics/alternatives.js'
import { type BinomialCounts, logBlockEvidence } from '../../statistics/block-evidence.js'
import { logLimitEvidence } from '../../statistics/limit-evidence.js'
import { logExceedsEvidence, logStaysBelowEvidence } from '../../statistics/mean-evidence.js'
import { type Moments, varianceOf } from '../../statistics/moments.js'
import { expectedShare, type HypothesisState } from './hypothesis-state.js'
import { alikeUsers, type UserDifference } from './user-offsets.js'

/** A block, and what its score depends on. */
export interface ScoredBlock {
  /**
   * What is known from before: the expected rate of a share, the variance of a mean, and how the users of the arms
   * differ.
   */
  readonly state: Pick<HypothesisState, 'memory' | 'scatter' | 'users'>
  /** The sufficient statistics of each arm in this block. */
  readonly block: ByVariant<Moments>
  /** The part of the margin that is tolerable, as a fraction. */
  readonly tolerable: number
  /** How many times noisier the baseline is than independent requests. It widens the variance of a mean. */
  readonly dispersion: number
}

/** The logarithms of a block's e-values on one side of a hypothesis, by alternative, before they are tempered. */
export interface BlockScore {
  /** Against "the canary is worse by at most the tolerable part of the margin". */
  readonly inferiority: readonly number[]
  /** Against "the canary is worse by at least the margin"; `null` if the hypothesis is an absolute limit. */
  readonly nonInferiority: readonly number[] | null
}

/** The largest rate of an alternative. */
const LARGEST_RATE = 0.999

/** The smallest rate of an alternative. */
const SMALLEST_RATE = 1e-5

/** The part of a share that is left, at least, by an alternative in which it falls. */
const LEAST_LEFT = 0.02

/** A learned set is compared if its expected share is above this; it is 0 while no set is chosen. */
const SMALLEST_SET = 1e-5

/** An alternative must be away from the boundary by at least this part of the margin. */
const BEYOND = 0.001

/** The canary's variance counts as at least this part of the baseline's. */
const LEAST_VARIANCE = 0.5

/** The standard deviation counts as at least this part of the margin: values that never varied are no certainty. */
const LEAST_SCATTER = 0.1

/**
 * Returns the logarithms of the e-values of one block, on one side of a hypothesis.
 *
 * What is expected of the block follows from earlier blocks alone. A score that depended on its own block would be no
 * e-value.
 */
export function scoreBlock(hypothesis: Hypothesis, side: Side, given: ScoredBlock): BlockScore {
  if (hypothesis.form === 'mean') return scoreMean(hypothesis, side, given)
  const { limit } = hypothesis
  return limit === null ? scoreShare(hypothesis, side, given) : scoreShareLimit(hypothesis, side, limit, given)
}

/** `logBlockEvidence` of the two arms: exact for every block size. */
function scoreShare(hypothesis: Hypothesis, side: Side, { state, block, tolerable }: ScoredBlock): BlockScore {
  const { margin, priorShare, alternatives, classes } = hypothesis
  const counts = { baseline: countsOn(side, block.baseline), canary: countsOn(side, block.canary) }
  const share = expectedShare(state.memory, priorShare)
  const expected = side === 'rise' ? share : 1 - share
  if (classes !== undefined && !(share > SMALLEST_SET && share < LARGEST_RATE)) {
    return { inferiority: alternatives.shifts.map(() => 0), nonInferiority: null }
  }
  const largest = side === 'rise' ? LARGEST_RATE : Math.max(LARGEST_RATE, 1 - LEAST_LEFT * share) // a class may vanish
  const { offset, harmSlack, safetySlack } = usersOn(side, state.users ?? alikeUsers)
  const score = (difference: number, boundary: number, isWorse: boolean): number => {
    const canary = Math.min(Math.max(expected + difference, SMALLEST_RATE), largest)
    const beyond = canary - expected - boundary
    const isBeyond = (isWorse ? beyond : -beyond) > BEYOND * margin
    return isBeyond ? logBlockEvidence(counts, { canary, baseline: expected }, boundary) : 0
  }
  const unharmed = offset + harmSlack
  return {
    inferiority: alternatives.shifts.map((shift) =>
      score(unharmed + shift * margin, unharmed + tolerable * margin, true),
    ),
    nonInferiority: isComparison(hypothesis)
      ? SAFE_ALTERNATIVES.shifts.map((shift) => score(offset + shift * margin, offset - safetySlack + margin, false))
      : null,
  }
}

/** Returns how the users differ on a side: a fall of a figure is a rise of the rest. */
const usersOn = (side: Side, users: UserDifference): UserDifference =>
  side === 'rise' ? users : { ...users, offset: -users.offset }

/** `logLimitEvidence` of the canary alone: exact for every block size. */
function scoreShareLimit(
  { margin, alternatives }: Hypothesis,
  side: Side,
  limit: number,
  { block }: ScoredBlock,
): BlockScore {
  const counts = countsOn(side, block.canary)
  const line = side === 'rise' ? limit : 1 - limit
  const unit = limitUnit(margin, line)
  const inferiority = alternatives.shifts.map((shift) =>
    logLimitEvidence(counts, Math.min(line + shift * unit, LARGEST_RATE), line),
  )
  return { inferiority, nonInferiority: null }
}

/** Returns the unit in which an excess over a limit is counted: the margin, or the limit if that is less. */
const limitUnit = (margin: number, limit: number): number => (limit > 0 ? Math.min(margin, limit) : margin)

/**
 * Returns hits and trials, where a hit is what must not become more frequent: a fall of a share is a rise of the rest.
 */
function countsOn(side: Side, { count, sum }: Moments): BinomialCounts {
  return { n: count, x: side === 'rise' ? sum : count - sum }
}

/**
 * `logExceedsEvidence` and `logStaysBelowEvidence` of the difference d of the means, with the variance
 * v = φ·(s²_b/n_b + s²_c/n_c), where φ is the dispersion and s² comes from earlier blocks. Asymptotic.
 *
 * Against a limit, d is the canary's mean less the limit, and v is the canary's term alone. Nothing is scored before a
 * variance is known, or while an arm that is needed is empty.
 */
function scoreMean({ margin, limit, alternatives }: Hypothesis, side: Side, given: ScoredBlock): BlockScore {
  const { scatter } = given.state
  const { baseline, canary } = given.block
  const known = varianceOf(scatter.baseline) ?? varianceOf(scatter.canary)
  if (known === undefined || canary.count === 0 || (limit === null && baseline.count === 0)) {
    return { inferiority: alternatives.shifts.map(() => 0), nonInferiority: SAFE_ALTERNATIVES.shifts.map(() => 0) }
  }
  const variance = Math.max(known, (LEAST_SCATTER * margin) ** 2)
  const canaryVariance = Math.max(varianceOf(scatter.canary) ?? variance, LEAST_VARIANCE * variance)
  const sign = side === 'rise' ? 1 : -1
  const errorOfCanary = canaryVariance / canary.count

  if (limit !== null) {
    const difference = sign * (canary.sum / canary.count - limit)
    const noise = given.dispersion * errorOfCanary
    const unit = limitUnit(margin, Math.abs(limit))
    const inferiority = alternatives.shifts.map((shift) => logExceedsEvidence(difference, noise, 0, shift * unit))
    return { inferiority, nonInferiority: null }
  }
  const { offset, harmSlack, safetySlack } = given.state.users ?? alikeUsers
  const difference = sign * (canary.sum / canary.count - baseline.sum / baseline.count - offset)
  const noise = given.dispersion * (variance / baseline.count + errorOfCanary)
  const tolerated = given.tolerable * margin
  return {
    inferiority: alternatives.shifts.map((shift) =>
      logExceedsEvidence(difference, noise, tolerated + harmSlack, shift * margin - tolerated),
    ),
    nonInferiority: SAFE_ALTERNATIVES.shifts.map((shift) =>
      logStaysBelowEvidence(difference, noise, margin - safetySlack, Math.max(0, (1 - shift) * margin - safetySlack)),
    ),
  }
}
