import type { ByVariant } from '../../foundation/vocabulary.js'
import { type Hypothesis, isComparison } from '../../guardrails/hypothesis.js'
import { capLog } from '../../statistics/log-space.js'
import { type Moments, mergeMoments, noMoments } from '../../statistics/moments.js'
import type { Summary } from '../../summaries/summary.js'
import { scoreBlock } from './block-score.js'
import { canFail, hasFallenSilent } from './can-fail.js'
import { type EProcesses, type HypothesisState, remember } from './hypothesis-state.js'
import type { EvidencePolicy } from './policy.js'

/** How much a block of means weighs less with each later one. */
const DECAY = 0.98

/**
 * The most that one block of a mean may say for harm, as a logarithm. A mean is normal only in the long run,
 * and ten slow requests in a row are no regression; less evidence than there is remains valid evidence.
 */
const MOST_OF_A_MEAN = 3

/**
 * Counts of one arm wait for the other's: in a block that stays one-sided they are kept while they are so young, or so few.
 * Past both they are let go, since what comes now has to be held against its own time.
 */
const KEPT_MS = 1_800_000
const KEPT_REQUESTS = 200

/** What came in for one hypothesis. */
export interface News {
  readonly arms: ByVariant<Summary>
  readonly elapsedMs: number
  /** Whether blocks of shares are to be closed now, however small. */
  readonly isTick: boolean
  /** Whether the canary has all traffic, so that no baseline will ever come. */
  readonly isAlone: boolean
  readonly dispersion: number
  /** Whether both arms are too sick for the canary to be seen in health. */
  readonly isOutage: boolean
}

/** Takes in what came, and scores the block once it is large enough. Closing depends on counts and time only. */
export function updateHypothesis(
  hypothesis: Hypothesis,
  state: HypothesisState,
  news: News,
  policy: EvidencePolicy,
): HypothesisState {
  const baseline = countIn(hypothesis, news.arms.baseline, state.underWay.baseline)
  const canary = countIn(hypothesis, news.arms.canary, state.underWay.canary)
  const grown: HypothesisState = {
    ...state,
    open: {
      baseline: mergeMoments(state.open.baseline, baseline.came),
      canary: mergeMoments(state.open.canary, canary.came),
    },
    openMs: state.openMs + news.elapsedMs,
    underWay: { baseline: baseline.underWay, canary: canary.underWay },
    seen: {
      baseline: mergeMoments(state.seen.baseline, baseline.came),
      canary: mergeMoments(state.seen.canary, canary.came),
    },
  }
  return isDue(hypothesis, grown, news, policy) ? closeBlock(hypothesis, grown, news, policy) : grown
}

/**
 * Finished flights, and those under way that have become a yes. Such a flight counts once: when it finishes,
 * one less is under way. One that is aborted instead has been counted, and takes nothing back.
 */
function countIn({ statistic }: Hypothesis, summary: Summary, before: number): { came: Moments; underWay: number } {
  const finished = statistic.momentsOf(summary)
  const underWay = statistic.underWayOf?.(summary) ?? 0
  const late = underWay - before
  if (late === 0) return { came: finished, underWay }
  const yes = Math.max(0, finished.sum + late)
  return { came: { count: finished.count - finished.sum + yes, sum: yes, sumOfSquares: yes }, underWay }
}

function isDue(
  { form, limit }: Hypothesis,
  { open, openMs }: HypothesisState,
  { isTick, isAlone }: News,
  policy: EvidencePolicy,
): boolean {
  const needsOther = limit === null && !isAlone
  const fewest = needsOther ? Math.min(open.baseline.count, open.canary.count) : open.canary.count
  if (isTick && needsOther && fewest === 0) {
    const most = Math.max(open.baseline.count, open.canary.count)
    return most === 0 ? form === 'share' : openMs >= KEPT_MS && most >= KEPT_REQUESTS
  }
  if (form === 'share') return isTick || fewest >= policy.blockRequests
  return openMs >= policy.meanBlockMs && fewest >= policy.meanBlockRequests
}

/** Scores what is open, then learns from it: what is expected of a block never depends on the block itself. */
export function closeBlock(
  hypothesis: Hypothesis,
  state: HypothesisState,
  { dispersion, isOutage }: Pick<News, 'dispersion' | 'isOutage'>,
  policy: EvidencePolicy,
): HypothesisState {
  const { open, scatter, memory } = state
  const isMean = hypothesis.form === 'mean'
  const temper = isMean ? 1 : dispersion // a mean's variance has it already
  const most = isMean ? MOST_OF_A_MEAN : Number.POSITIVE_INFINITY
  const sides = state.sides.map((known, at): EProcesses => {
    const side = hypothesis.sides[at]!
    const { inferiority, nonInferiority } = scoreBlock(hypothesis, side, state, open, policy.tolerable, dispersion)
    if (nonInferiority === null || !isComparison(hypothesis))
      return { ...known, inferiority: added(known.inferiority, inferiority, temper, most) }
    const isBlind =
      isOutage || !canFail(hypothesis, side, state) || hasFallenSilent(hypothesis, side, open.baseline, state)
    const mostOfSafety = isBlind ? 0 : Number.POSITIVE_INFINITY
    return {
      inferiority: added(known.inferiority, inferiority, temper, most),
      nonInferiority: added(known.nonInferiority, nonInferiority, temper, mostOfSafety),
      nonInferiorityInStep: added(known.nonInferiorityInStep, nonInferiority, temper, mostOfSafety),
    }
  })
  return {
    ...state,
    sides,
    memory: isMean ? memory : remember(memory, open.baseline),
    scatter: isMean
      ? { baseline: decayed(scatter.baseline, open.baseline), canary: decayed(scatter.canary, open.canary) }
      : scatter,
    open: { baseline: noMoments, canary: noMoments },
    openMs: 0,
  }
}

function added(sums: readonly number[], scores: readonly number[], temper: number, most = Number.POSITIVE_INFINITY) {
  return sums.map((sum, at) => capLog(sum + Math.min(scores[at]! / temper, most)))
}

function decayed({ count, sum, sumOfSquares }: Moments, block: Moments): Moments {
  return mergeMoments({ count: DECAY * count, sum: DECAY * sum, sumOfSquares: DECAY * sumOfSquares }, block)
}
