import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { isOfLatency, kindOf } from '../../guardrails/kind-of.js'
import type { AnswerCounts } from '../../summaries/answer-counts.js'
import type { Evidence } from './evidence.js'
import type { EvidencePolicy } from './policy.js'

/**
 * Returns whether the canary's unanswered calls are late and not lost: the share of calls that ended without an answer
 * exceeds the baseline's by at most `tolerable` (a fraction). The other unanswered calls are pending, or were answered
 * after the overdue line.
 */
export function isOnlyLate({ answers }: Pick<Evidence, 'answers'>, tolerable: number): boolean {
  return lostShare(answers.canary) - lostShare(answers.baseline) <= tolerable
}

const lostShare = ({ decided, ended }: AnswerCounts): number => (decided > 0 ? ended / decided : 0)

/** Returns whether a cold canary may explain the harm that a hypothesis found. */
export function mayBeCold(
  guardrail: Guardrail,
  { tested, margin }: Hypothesis,
  evidence: Evidence,
  { tolerable }: EvidencePolicy,
): boolean {
  if (kindOf(guardrail).whenCold === 'late') return isOnlyLate(evidence, tolerable * margin)
  return isOfLatency(guardrail) && tested !== 'warm-up'
}
