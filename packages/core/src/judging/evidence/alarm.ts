import type { Guardrail } from '../../guardrails/guardrail.js'
import { capLog, logSum } from '../../statistics/log-space.js'
import { START_MASS } from '../../statistics/onset-mass.js'
import type { Evidence } from './evidence.js'
import { questionsOf } from './questions.js'

/** How the evidence of a rollout is divided among its guardrails, before it is made to sum to 1. */
function priorityOf(guardrail: Guardrail): number {
  switch (guardrail.kind) {
    case 'errorRate':
    case 'unansweredRate':
      return 0.35
    case 'predictionShift':
      return 0.2
    case 'latency':
      return 0.15
    case 'tailLatency':
      return guardrail.quantile > 0.97 ? 0.2 : 0.1
    default:
      return 0.1
  }
}

/** Each guardrail's part of the evidence; only those that roll back share it. It never changes in flight. */
export function partsOf(guardrails: readonly Guardrail[]): readonly number[] {
  const priorities = guardrails.map((guardrail) => (guardrail.severity === 'rollback' ? priorityOf(guardrail) : 0))
  const total = priorities.reduce((sum, priority) => sum + priority, 0)
  return priorities.map((priority) => (total > 0 ? priority / total : 0))
}

/** ln E of one guardrail: a mean over its questions and sides of a mixture over alternatives and moments. */
export function logHarm(
  { threads, frozen, massSoFar }: Evidence,
  guardrails: readonly Guardrail[],
  at: number,
): number {
  const questions = questionsOf(guardrails[at]!, frozen[at]!)
  if (questions.length === 0) return Math.log(START_MASS + massSoFar) // nothing asked yet, nothing lost
  return logSum(
    questions.flatMap(({ harms, sides, weight }, index) =>
      threads[at]![index]!.strands.flatMap(({ harm }) =>
        harm.map((log, alternative) => log + Math.log((weight / sides.length) * harms.weights[alternative]!)),
      ),
    ),
  )
}

/** ln Σ π E over the guardrails that roll back, or over those of them that `counts` lets through. */
export function logAlarm(
  evidence: Evidence,
  guardrails: readonly Guardrail[],
  counts: (guardrail: Guardrail) => boolean = () => true,
): number {
  const parts = partsOf(guardrails)
  const alarm = logSum(
    guardrails.flatMap((guardrail, at) =>
      parts[at]! > 0 && counts(guardrail) ? [Math.log(parts[at]!) + logHarm(evidence, guardrails, at)] : [],
    ),
  )
  return capLog(alarm) // nothing that rolls back is no evidence, and no infinity: JSON has none
}
