import type { Guardrail } from '../../guardrails/guardrail.js'
import { hypothesesOf, kindOf } from '../../guardrails/kind-of.js'
import { capLog, logSum } from '../../statistics/log-space.js'
import { START_MASS } from '../../statistics/onset-mass.js'
import type { Evidence } from './evidence.js'

/** Each guardrail's part of the evidence; only those that roll back share it. It never changes in flight. */
export function partsOf(guardrails: readonly Guardrail[]): readonly number[] {
  const priorities = guardrails.map((guardrail) =>
    guardrail.severity === 'rollback' ? kindOf(guardrail).priority(guardrail) : 0,
  )
  const total = priorities.reduce((sum, priority) => sum + priority, 0)
  return priorities.map((priority) => (total > 0 ? priority / total : 0))
}

/** ln E of one guardrail: a mean over its hypotheses and sides of a mixture over alternatives and moments. */
export function logHarm(
  { threads, frozen, massSoFar }: Evidence,
  guardrails: readonly Guardrail[],
  at: number,
): number {
  const hypotheses = hypothesesOf(guardrails[at]!, frozen[at]!)
  if (hypotheses.length === 0) return Math.log(START_MASS + massSoFar) // nothing asked yet, nothing lost
  return logSum(
    hypotheses.flatMap(({ alternatives, sides, part }, index) =>
      threads[at]![index]!.strands.flatMap(({ harm }) =>
        harm.map((log, alternative) => log + Math.log((part / sides.length) * alternatives.parts[alternative]!)),
      ),
    ),
  )
}

/** ln Σ π E over the guardrails that roll back, or over those of them that `counts` lets through. */
export function logAlarm(
  evidence: Evidence,
  guardrails: readonly Guardrail[],
  counts: (guardrail: Guardrail, at: number) => boolean = () => true,
): number {
  const parts = partsOf(guardrails)
  const alarm = logSum(
    guardrails.flatMap((guardrail, at) =>
      parts[at]! > 0 && counts(guardrail, at) ? [Math.log(parts[at]!) + logHarm(evidence, guardrails, at)] : [],
    ),
  )
  return capLog(alarm) // nothing that rolls back is no evidence, and no infinity: JSON has none
}
