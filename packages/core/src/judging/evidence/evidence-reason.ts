import { amountIn, bareIn, figure, type Unit, valueIn } from '../../guardrails/figures.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Check } from '../judge.js'
import { canFail } from './can-fail.js'
import type { Finding } from './finding.js'

/** One sentence for a person: the figures, what is accepted, and how much of the evidence is there. */
export function evidenceReason(
  guardrail: Guardrail,
  finding: Finding | undefined,
  check: Omit<Check, 'reason'>,
): string {
  const { baseline, canary, difference, margin, outcome, rule, samples, evidence } = check
  if (finding === undefined || evidence === undefined)
    return `${guardrail.name}: too little is known of the baseline yet`
  const { unit, name: subject } = finding.hypothesis.statistic
  if (canary === null)
    return `${subject}: ${rule === 'phase' ? 'not judged during the warm-up' : 'no canary requests of this step yet'}`
  const { limit } = finding.hypothesis
  if (limit !== null) {
    const far = finding.side === 'rise' ? 'above' : 'below'
    return `${subject} ${valueIn(unit, canary)} of ${samples.canary} is ${far} the limit of ${valueIn(unit, limit)}; harm ${strength(evidence.harm)}`
  }
  if (baseline === null || difference === null) {
    return `${subject} ${valueIn(unit, canary)}: there is no baseline in this step to compare with`
  }
  const word = difference > 0 === (finding.side === 'rise') ? 'more' : 'less'
  const move = difference === 0 ? 'no difference' : `${amountIn(unit, Math.abs(difference))} ${word}`
  const within = evidence.interval === null ? '' : ` (${rangeIn(unit, evidence.interval)})`
  const compared = `${subject} ${valueIn(unit, canary)} of ${samples.canary} against ${valueIn(unit, baseline)} of ${samples.baseline}: ${move}${within}, ${bareIn(unit, margin)} accepted`
  if (rule === 'phase') return `${compared}; not judged in this phase`
  if (outcome === 'breached') return `${compared}; harm ${strength(evidence.harm)}`
  if (outcome === 'held') return `${compared}; safety ${strength(evidence.safety)}`
  if (!canFail(finding.hypothesis, finding.side, finding.state)) {
    return `${compared}; nothing is shown by it: against this baseline no canary could be worse by more`
  }
  const eta = evidence.etaMs === null ? '' : `, about ${Math.max(1, Math.round(evidence.etaMs / 1_000))} s to go`
  return `${compared}; safety ${strength(evidence.safety)}${eta}`
}

const strength = ({ now, needed }: { readonly now: number; readonly needed: number }): string =>
  `${now > 1e4 ? 'over 10000' : now < 1e-3 ? 'under 0.001' : figure(now)} of ${figure(needed)} needed`

function rangeIn(unit: Unit, { low, high }: { readonly low: number; readonly high: number }): string {
  return `${bareIn(unit, low)} to ${bareIn(unit, high)}`
}
