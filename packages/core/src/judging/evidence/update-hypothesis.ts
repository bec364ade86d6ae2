import type { ByVariant } from '../../foundation/vocabulary.js'
import { type Hypothesis, isComparison } from '../../guardrails/hypothesis.js'
import { capLog } from '../../statistics/log-space.js'
import { type Moments, mergeMoments, noMoments } from '../../statistics/moments.js'
import type { Summary } from '../../summaries/summary.js'
import { scoreBlock } from './block-score.js'
import { canFail, hasFallenSilent } from './can-fail.js'
import { closeCapped, withBlock } from './capped-evidence.js'
import { changed, type EProcesses, type HypothesisState, remember } from './hypothesis-state.js'
import { asOf, counted, learn } from './learned-set.js'
import type { EvidencePolicy } from './policy.js'
import { closeWindow, withArrived } from './window-noise.js'

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
  const came = { baseline: baseline.came, canary: canary.came }
  const grown = changed(state, {
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
    noise: withArrived(state.noise, came),
  })
  const next = isDue(hypothesis, grown, news, policy) ? closeBlock(hypothesis, grown, news, policy) : grown
  return news.isTick ? atTick(hypothesis, next) : next
}

/** Returns the state at the end of a window. */
function atTick(hypothesis: Hypothesis, state: HypothesisState): HypothesisState {
  return changed(state, {
    noise: closeWindow(state.noise, hypothesis, hypothesis.form === 'share' ? state.memory : state.scatter.baseline),
    sides: state.sides.map((side) => ({ ...side, capped: closeCapped(side.capped) })),
  })
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
  { isOutage }: Pick<News, 'isOutage'>,
  policy: EvidencePolicy,
): HypothesisState {
  const hypothesis = asOf(tested, state)
  const { open, scatter, memory, dispersion } = state
  const isMean = hypothesis.form === 'mean'
  const most = isMean ? MOST_OF_A_MEAN : Number.POSITIVE_INFINITY
  const sides = state.sides.map((known, at): EProcesses => {
    const side = hypothesis.sides[at]!
    const scoreWith = (noise: number) =>
      scoreBlock(hypothesis, side, { state, block: open, tolerable: policy.tolerable, dispersion: noise })
    const whole = scoreWith(dispersion.whole)
    const trimmed = isMean && dispersion.trimmed !== dispersion.whole ? scoreWith(dispersion.trimmed) : whole
    const inferiority = sumsOf(known.inferiority, tempered(whole.inferiority, isMean ? 1 : dispersion.whole, most))
    const capped = withBlock(known.capped, tempered(trimmed.inferiority, isMean ? 1 : dispersion.trimmed, most))
    const { nonInferiority, nonInferiorityInStep } = known
    if (trimmed.nonInferiority === null || !isComparison(hypothesis)) {
      return { inferiority, capped, nonInferiority, nonInferiorityInStep }
    }
    const isBlind =
      isOutage || !canFail(hypothesis, side, state) || hasFallenSilent(hypothesis, side, open.baseline, state)
    const mostOfSafety = isBlind ? 0 : Number.POSITIVE_INFINITY
    const safety = tempered(trimmed.nonInferiority, isMean ? 1 : dispersion.trimmed, mostOfSafety)
    return {
      inferiority,
      capped,
      nonInferiority: sumsOf(nonInferiority, safety),
      nonInferiorityInStep: sumsOf(nonInferiorityInStep, safety),
    }
  })
  const closed = changed(state, {
    sides,
    memory: isMean ? memory : remember(memory, open.baseline),
    scatter: isMean
      ? { baseline: decayed(scatter.baseline, open.baseline), canary: decayed(scatter.canary, open.canary) }
      : scatter,
    open: { baseline: noMoments, canary: noMoments },
    openMs: 0,
  })
  return learn(closed)
}

/** Returns the logarithms of a block's e-values to the power 1/φ, each at most `most`. */
const tempered = (scores: readonly number[], dispersion: number, most: number): readonly number[] =>
  scores.map((score) => Math.min(score / dispersion, most))

const sumsOf = (sums: readonly number[], more: readonly number[]): readonly number[] =>
  sums.map((sum, at) => capLog(sum + more[at]!))

function decayed({ count, sum, sumOfSquares }: Moments, block: Moments): Moments {
  return mergeMoments({ count: DECAY * count, sum: DECAY * sum, sumOfSquares: DECAY * sumOfSquares }, block)
}
