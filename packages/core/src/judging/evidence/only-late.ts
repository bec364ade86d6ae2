import type { AnswerCounts } from '../../summaries/answer-counts.js'
import type { Evidence } from './evidence.js'

/**
 * Returns whether the canary's unanswered calls are late and not lost: the share of calls that ended without an answer
 * exceeds the baseline's by at most `tolerable` (a fraction). The other unanswered calls are pending, or were answered
 * after the overdue line.
 */
export function isOnlyLate({ answers }: Pick<Evidence, 'answers'>, tolerable: number): boolean {
  return lostShare(answers.canary) - lostShare(answers.baseline) <= tolerable
}

const lostShare = ({ decided, ended }: AnswerCounts): number => (decided > 0 ? ended / decided : 0)
