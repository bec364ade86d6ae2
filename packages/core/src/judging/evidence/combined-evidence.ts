import type { Guardrail } from '../../guardrails/guardrail.js'
import { hypothesesOf, kindOf } from '../../guardrails/kind-of.js'
import { capLog, logSum } from '../../statistics/log-space.js'
import { START_PRIOR_WEIGHT } from '../../statistics/onset-prior-weight.js'
import { total } from '../../statistics/total.js'
import type { Evidence, GuardrailState } from './evidence.js'
import { logsOfHarm } from './hypothesis-state.js'

/**
 * Returns each guardrail's weight π in the combined evidence. Only guardrails that roll back have one; the sum is 1.
 *
 * The weights must not depend on data: a mixture of e-processes is an e-process only for fixed weights.
 */
export function partsOf(guardrails: readonly Guardrail[]): readonly number[] {
  const priorities = guardrails.map((guardrail) =>
    guardrail.severity === 'rollback' ? kindOf(guardrail).priority(guardrail) : 0,
  )
  const all = total(priorities)
  return priorities.map((priority) => (all > 0 ? priority / all : 0))
}

/**
 * Returns ln E of harm of one guardrail.
 *
 * E = Σ part_h / sides_h · Σ w_a · E_hsa over its hypotheses h, their sides s and alternatives a. Each E_hsa is already
 * a mixture over the times at which harm may have begun. A mixture of e-processes is an e-process.
 */
export function logHarm(guardrail: Guardrail, state: GuardrailState, priorWeightSoFar: number): number {
  const hypotheses = hypothesesOf(guardrail, state.thresholds)
  // before anything is tested, E is its prior weight
  if (hypotheses.length === 0) return Math.log(START_PRIOR_WEIGHT + priorWeightSoFar)
  const terms: number[] = []
  hypotheses.forEach(({ alternatives, sides, part }, at) => {
    for (const processes of state.hypotheses[at]!.sides) {
      logsOfHarm(processes).forEach((log, alternative) => {
        terms.push(log + Math.log((part / sides.length) * alternatives.parts[alternative]!))
      })
    }
  })
  return logSum(terms)
}

/** Returns ln(π·E) of harm of each guardrail; −∞ for one without a weight, or for which `counts` returns false. */
export function logHarmTerms(
  { guardrails: states, priorWeightSoFar }: Pick<Evidence, 'guardrails' | 'priorWeightSoFar'>,
  guardrails: readonly Guardrail[],
  counts: (guardrail: Guardrail, state: GuardrailState) => boolean = () => true,
): readonly number[] {
  const parts = partsOf(guardrails)
  return guardrails.map((guardrail, at) => {
    const [part, state] = [parts[at]!, states[at]!]
    if (!(part > 0 && counts(guardrail, state))) return Number.NEGATIVE_INFINITY
    return Math.log(part) + logHarm(guardrail, state, priorWeightSoFar)
  })
}

/**
 * Returns ln Σ π E over the guardrails that roll back, or over those of them for which `counts` returns true.
 *
 * An e-process against "no guardrail is worse than tolerable": by Ville's inequality it ever reaches 1/α with a
 * probability of at most α, whatever the dependence between the guardrails. No correction for their number is needed.
 */
export function logCombinedEvidence(...given: Parameters<typeof logHarmTerms>): number {
  return capLog(logSum(logHarmTerms(...given))) // −∞ without a guardrail that rolls back, which JSON cannot represent
}
