import type { ByVariant } from '../../foundation/vocabulary.js'
import { type Hypothesis, isComparison } from '../../guardrails/hypothesis.js'
import { capLog } from '../../statistics/log-space.js'
import { type Moments, mergeMoments, noMoments } from '../../statistics/moments.js'
import type { Summary } from '../../summaries/summary.js'
import { scoreBlock } from './block-score.js'
import { canFail, hasFallenSilent } from './can-fail.js'
import { type EProcesses, type HypothesisState, remember } from './hypothesis-state.js'
import { asOf, counted, learn } from './learned-set.js'
import type { EvidencePolicy } from './policy.js'

/** The factor by which the weight of a block of means decreases with each later block. */
const DECAY = 0.98

/**
 * The largest logarithm of the e-value of harm of one block of a mean. A mean is close to normal only for many values,
 * and ten slow requests in a row are not a regression. Capping an e-value keeps it valid.
 */
const MOST_OF_A_MEAN = 3

/**
 * Counts of one arm wait for the other arm's. A block with one arm is kept until it is older than this and has more
 * requests than this. Then it is dropped, because requests must be compared with requests of the same time.
 */
const KEPT_MS = 1_800_000
const KEPT_REQUESTS = 200

/** What arrived for one hypothesis. */
export interface News {
  readonly arms: ByVariant<Summary>
  readonly elapsedMs: number
  /** Whether a tick has passed, at which blocks of shares are closed regardless of their size. */
  readonly isTick: boolean
  /** Whether the canary has all traffic, so that the baseline will have no requests. */
  readonly isAlone: boolean
  readonly dispersion: number
  /** Whether both arms fail so often that their block is no evidence of safety. */
  readonly isOutage: boolean
}

/**
 * Returns the state with what arrived. The block is scored once it is large enough.
 *
 * When a block is closed depends on counts and time, never on outcomes: otherwise its e-value would not be valid.
 */
export function updateHypothesis(
  tested: Hypothesis,
  known: HypothesisState,
  news: News,
  policy: EvidencePolicy,
): HypothesisState {
  const hypothesis = asOf(tested, known)
  const state = counted(tested, known, news.arms)
  const baseline = countIn(hypothesis, news.arms.baseline, state.pendingHits.baseline)
  const canary = countIn(hypothesis, news.arms.canary, state.pendingHits.canary)
  const grown: HypothesisState = {
    ...state,
    open: {
      baseline: mergeMoments(state.open.baseline, baseline.came),
      canary: mergeMoments(state.open.canary, canary.came),
    },
    openMs: state.openMs + news.elapsedMs,
    pendingHits: { baseline: baseline.pendingHits, canary: canary.pendingHits },
    seen: {
      baseline: mergeMoments(state.seen.baseline, baseline.came),
      canary: mergeMoments(state.seen.canary, canary.came),
    },
  }
  return isDue(hypothesis, grown, news, policy) ? closeBlock(hypothesis, grown, news, policy) : grown
}

/**
 * Returns the finished flights, and the pending flights that have become hits, such as slow ones.
 *
 * Such a flight counts once: when it finishes, one less is pending. If it is aborted instead, it stays counted.
 */
function countIn({ statistic }: Hypothesis, summary: Summary, before: number): { came: Moments; pendingHits: number } {
  const finished = statistic.momentsOf(summary)
  const pendingHits = statistic.pendingHitsOf?.(summary) ?? 0
  const late = pendingHits - before
  if (late === 0) return { came: finished, pendingHits }
  const yes = Math.max(0, finished.sum + late)
  return { came: { count: finished.count - finished.sum + yes, sum: yes, sumOfSquares: yes }, pendingHits }
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

/**
 * Scores the open block, multiplies its e-values into the e-processes, and then learns from the block.
 *
 * The order matters: what is expected of a block, and which classes are compared, must not depend on the block itself. Evidence on shares is raised to
 * the power 1/φ with the dispersion φ; the variance of a mean contains it already. A block that cannot be evidence of
 * safety counts for harm only.
 */
export function closeBlock(
  tested: Hypothesis,
  state: HypothesisState,
  { dispersion, isOutage }: Pick<News, 'dispersion' | 'isOutage'>,
  policy: EvidencePolicy,
): HypothesisState {
  const hypothesis = asOf(tested, state)
  const { open, scatter, memory } = state
  const isMean = hypothesis.form === 'mean'
  const temper = isMean ? 1 : dispersion // the variance of a mean contains the dispersion
  const most = isMean ? MOST_OF_A_MEAN : Number.POSITIVE_INFINITY
  const sides = state.sides.map((known, at): EProcesses => {
    const side = hypothesis.sides[at]!
    const { inferiority, nonInferiority } = scoreBlock(hypothesis, side, {
      state,
      block: open,
      tolerable: policy.tolerable,
      dispersion,
    })
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
  return learn({
    ...state,
    sides,
    memory: isMean ? memory : remember(memory, open.baseline),
    scatter: isMean
      ? { baseline: decayed(scatter.baseline, open.baseline), canary: decayed(scatter.canary, open.canary) }
      : scatter,
    open: { baseline: noMoments, canary: noMoments },
    openMs: 0,
  })
}

function added(sums: readonly number[], scores: readonly number[], temper: number, most = Number.POSITIVE_INFINITY) {
  return sums.map((sum, at) => capLog(sum + Math.min(scores[at]! / temper, most)))
}

function decayed({ count, sum, sumOfSquares }: Moments, block: Moments): Moments {
  return mergeMoments({ count: DECAY * count, sum: DECAY * sum, sumOfSquares: DECAY * sumOfSquares }, block)
}
