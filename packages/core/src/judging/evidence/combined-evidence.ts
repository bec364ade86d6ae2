import type { Guardrail } from '../../guardrails/guardrail.js'
import { kindOf } from '../../guardrails/kind-of.js'
import { capLog, logSum } from '../../statistics/log-space.js'
import { START_PRIOR_WEIGHT } from '../../statistics/onset-prior-weight.js'
import type { Evidence, GuardrailState } from './evidence.js'
import { findingsOf } from './finding.js'

/** Each guardrail's part of the evidence; only those that roll back share it. It never changes in flight. */
export function partsOf(guardrails: readonly Guardrail[]): readonly number[] {
  const priorities = guardrails.map((guardrail) =>
    guardrail.severity === 'rollback' ? kindOf(guardrail).priority(guardrail) : 0,
  )
  const total = priorities.reduce((sum, priority) => sum + priority, 0)
  return priorities.map((priority) => (total > 0 ? priority / total : 0))
}

/** ln E of one guardrail: a mean over its hypotheses and sides of a mixture over alternatives and moments. */
export function logHarm(guardrail: Guardrail, state: GuardrailState, priorWeightSoFar: number): number {
  const findings = findingsOf(guardrail, state)
  if (findings.length === 0) return Math.log(START_PRIOR_WEIGHT + priorWeightSoFar) // nothing tested yet, nothing lost
  return logSum(
    findings.flatMap(({ hypothesis: { alternatives, sides, part }, inferiority }) =>
      inferiority.map((log, alternative) => log + Math.log((part / sides.length) * alternatives.parts[alternative]!)),
    ),
  )
}

/** ln Σ π E over the guardrails that roll back, or over those of them that `counts` lets through. */
export function logCombinedEvidence(
  evidence: Pick<Evidence, 'guardrails' | 'priorWeightSoFar'>,
  guardrails: readonly Guardrail[],
  counts: (guardrail: Guardrail, state: GuardrailState) => boolean = () => true,
): number {
  const parts = partsOf(guardrails)
  const combinedEvidence = logSum(
    guardrails.flatMap((guardrail, at) => {
      const state = evidence.guardrails[at]!
      if (!(parts[at]! > 0 && counts(guardrail, state))) return []
      return [Math.log(parts[at]!) + logHarm(guardrail, state, evidence.priorWeightSoFar)]
    }),
  )
  return capLog(combinedEvidence) // nothing that rolls back is no evidence, and no infinity: JSON has none
}
