import type { ByVariant } from '../foundation/vocabulary.js'
import type { Summary } from '../summaries/summary.js'
import type { ArmComparison } from './arm-comparison.js'
import type { Guardrail } from './guardrail.js'
import type { GuardrailKind, Thresholds } from './guardrail-kind.js'
import type { Hypothesis } from './hypothesis.js'
import { KINDS } from './kinds.js'

/** Returns the definition of a guardrail's kind. */
export const kindOf = ({ kind }: Pick<Guardrail, 'kind'>): GuardrailKind<Guardrail> => KINDS[kind]

/** Returns the figures of a guardrail in the summaries of both arms. */
export const compareArms = (guardrail: Guardrail, arms: ByVariant<Summary>): ArmComparison =>
  kindOf(guardrail).compareArms(guardrail, arms)

/** Returns the thresholds of a guardrail from the baseline's history, or `null` if the history says too little yet. */
export const thresholdsOf = (guardrail: Guardrail, history: Summary): Thresholds | null =>
  kindOf(guardrail).thresholdsOf(guardrail, history)

/** Returns whether a guardrail is about latency. A cold canary is slow, so latency is not judged during the warm-up. */
export const isOfLatency = (guardrail: Pick<Guardrail, 'kind'>): boolean =>
  ['slow', 'slow tail'].includes(kindOf(guardrail).whenCold)

/**
 * Hypotheses by the identity of their thresholds, since both apply to a whole rollout. Without this, an interim check
 * of seven guardrails takes 1.5 times as long; see decision 52.
 */
const known = new WeakMap<Thresholds, { readonly guardrail: Guardrail; readonly hypotheses: readonly Hypothesis[] }>()

/** Returns the hypotheses of a guardrail; empty until its thresholds are known. */
export function hypothesesOf(guardrail: Guardrail, thresholds: Thresholds | null): readonly Hypothesis[] {
  if (thresholds === null) return []
  const made = known.get(thresholds)
  if (made?.guardrail === guardrail) return made.hypotheses
  const hypotheses = kindOf(guardrail).hypothesesOf(guardrail, thresholds)
  known.set(thresholds, { guardrail, hypotheses })
  return hypotheses
}
