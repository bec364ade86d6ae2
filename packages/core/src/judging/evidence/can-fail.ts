import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Hypothesis, Side } from '../../guardrails/hypothesis.js'
import { type Moments, meanOf } from '../../statistics/moments.js'
import { expectedShare } from './hypothesis-state.js'

/** What earlier blocks have shown. */
interface Known {
  readonly memory: Moments
  readonly scatter: ByVariant<Moments>
}

/**
 * Returns whether a canary could be worse than the baseline by more than the margin on this side.
 *
 * If the baseline fails in 99 % of its calls, no canary can fail in two points more. A comparison that cannot fail
 * proves nothing, so its block counts as no evidence of safety. Only earlier blocks decide that, as evidence requires.
 */
export function canFail(
  { form, statistic, margin, priorShare }: Hypothesis,
  side: Side,
  { memory, scatter }: Known,
): boolean {
  if (form === 'share') {
    const share = expectedShare(memory, priorShare)
    return hasRoom(side === 'rise' ? share : 1 - share, margin)
  }
  const mean = meanOf(scatter.baseline)
  if (mean === undefined) return true
  if (statistic.cap !== undefined) return mean + margin < statistic.cap
  return side === 'rise' || !isAllZero(scatter.baseline)
}

/**
 * Returns whether a share can rise by more than the margin. A share of at most a half counts as if it could: there the
 * margin is what leaves no room, and with so large a margin a rollout would otherwise never end.
 */
export const hasRoom = (share: number, margin: number): boolean => share + margin < 1 || share <= 0.5

/**
 * Returns whether a metric that must not fall is 0 throughout a block of the baseline, and hardly by chance: then the
 * metric is down for both versions, and the canary cannot be worse.
 *
 * By Cauchy and Schwarz, a share of at least (Σv)²/(n·Σv²) of the values so far is not 0. The block counts as silent if
 * more than one value other than 0 was to be expected in it, or if the mean is within the margin of 0.
 */
export function hasFallenSilent(
  { form, margin }: Hypothesis,
  side: Side,
  block: Moments,
  { scatter: { baseline } }: Pick<Known, 'scatter'>,
): boolean {
  if (form === 'share' || side === 'rise' || block.count === 0 || !isAllZero(block)) return false
  const mean = meanOf(baseline)
  if (mean === undefined || isAllZero(baseline)) return false // the first block, and a metric that cannot fail at all
  return mean <= margin || (block.count * mean * baseline.sum) / baseline.sumOfSquares > 1
}

/** Returns whether every value was 0. */
const isAllZero = ({ sumOfSquares }: Moments): boolean => sumOfSquares === 0
