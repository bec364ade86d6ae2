import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis, Side } from '../../guardrails/hypothesis.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import type { GuardrailState } from './evidence.js'
import type { EProcesses, HypothesisState } from './hypothesis-state.js'
import { asOf } from './learned-set.js'

/** One side of a hypothesis with its evidence. */
export interface Finding extends EProcesses {
  readonly hypothesis: Hypothesis
  readonly side: Side
  readonly state: HypothesisState
}

/** Returns the sides of all hypotheses of a guardrail with their evidence. */
export function findingsOf(guardrail: Guardrail, { thresholds, hypotheses }: GuardrailState): readonly Finding[] {
  return hypothesesOf(guardrail, thresholds).flatMap((tested, index) => {
    const state = hypotheses[index]!
    const hypothesis = asOf(tested, state)
    return hypothesis.sides.map((side, at): Finding => ({ hypothesis, side, state, ...state.sides[at]! }))
  })
}
