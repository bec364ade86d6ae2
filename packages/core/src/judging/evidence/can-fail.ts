import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Hypothesis, Side } from '../../guardrails/hypothesis.js'
import { type Moments, meanOf } from '../../statistics/moments.js'
import { expectedShare } from './hypothesis-state.js'

/** What is known of the baseline before a block. */
interface Known {
  readonly memory: Moments
  readonly scatter: ByVariant<Moments>
}

/**
 * Whether a canary could be worse than the baseline by more than the margin on this side.
 *
 * Where the baseline fails in 99 % of its calls, no canary can fail in two points more: such a comparison cannot fail, and
 * so it proves nothing. It rests on what was known before the block, as evidence has to.
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
 * Whether a share can rise by more than the margin. One that is at most a half counts as if it could: there it is the margin
 * that leaves no room, and whoever accepts so much is to get it, or the rollout would never end.
 */
export const hasRoom = (share: number, margin: number): boolean => share + margin < 1 || share <= 0.5

/**
 * Whether a figure that must not fall is 0 throughout a block of the baseline, as it is not by chance: whatever it counts is
 * down for both versions, and the canary cannot be worse.
 *
 * Of values with these moments at least (Σv)² / (n·Σv²) are not 0, by Cauchy and Schwarz.
 */
export function hasFallenSilent(
  { form, margin }: Hypothesis,
  side: Side,
  block: Moments,
  { scatter: { baseline } }: Pick<Known, 'scatter'>,
): boolean {
  if (form === 'share' || side === 'rise' || block.count === 0 || !isAllZero(block)) return false
  const mean = meanOf(baseline)
  if (mean === undefined || isAllZero(baseline)) return false // the first block, and what cannot fail at all
  return mean <= margin || (block.count * mean * baseline.sum) / baseline.sumOfSquares > 1
}

/** Whether every value was 0: a figure that is counted up from there cannot fall. */
const isAllZero = ({ sumOfSquares }: Moments): boolean => sumOfSquares === 0
