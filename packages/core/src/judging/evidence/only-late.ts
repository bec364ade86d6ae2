import type { AnswerCounts } from '../../summaries/answer-counts.js'
import type { Evidence } from './evidence.js'

/**
 * Whether the canary's unanswered calls are late and not lost: those that ended without an answer are no more frequent
 * than the baseline's, but for `tolerable` (a fraction). The others are still open, or answered after the line.
 */
export function isOnlyLate({ answers }: Pick<Evidence, 'answers'>, tolerable: number): boolean {
  return lostShare(answers.canary) - lostShare(answers.baseline) <= tolerable
}

const lostShare = ({ decided, ended }: AnswerCounts): number => (decided > 0 ? ended / decided : 0)
