import { amountIn, bareIn, figure, type Unit, valueIn } from '../../guardrails/figures.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Side } from '../../guardrails/hypothesis.js'
import type { Check, CheckEvidence } from '../judge.js'
import { canFail } from './can-fail.js'
import type { Finding } from './finding.js'

/** Returns a sentence for people: the figures, what is accepted, and the evidence so far. */
export function evidenceReason(
  guardrail: Guardrail,
  finding: Finding | undefined,
  check: Omit<Check, 'reason'>,
): string {
  const { baseline, canary, difference, margin, outcome, rule, samples, evidence } = check
  if (finding === undefined || evidence === undefined)
    return `${guardrail.name}: too little is known of the baseline yet`
  const { unit, name: subject } = finding.hypothesis.statistic
  const carried = outcome === 'breached' ? `harm ${strength(evidence.harm)}, from earlier steps; ` : ''
  if (canary === null) {
    if (rule === 'phase') return `${subject}: not judged during the warm-up`
    return `${subject}: ${carried}no canary requests of this step yet`
  }
  const { limit } = finding.hypothesis
  if (limit !== null) {
    const isBeyond = finding.side === 'rise' ? canary > limit : canary < limit
    const place = isBeyond ? (finding.side === 'rise' ? 'above' : 'below') : 'now within'
    const figures = `${subject} ${valueIn(unit, canary)} of ${samples.canary}`
    return `${figures} is ${place} the limit of ${valueIn(unit, limit)}; harm ${strength(evidence.harm)}`
  }
  if (baseline === null || difference === null) {
    return `${subject} ${valueIn(unit, canary)}: ${carried}there is no baseline in this step to compare with`
  }
  const change = finding.side === 'fall' ? -difference : difference
  const move = change === 0 ? 'no difference' : `${amountIn(unit, Math.abs(change))} ${change > 0 ? 'more' : 'less'}`
  const within = evidence.interval === null ? '' : ` (${rangeIn(unit, changeIn(finding.side, evidence.interval))})`
  const shown = `${subject} ${valueIn(unit, canary)} of ${samples.canary}`
  const against = `${valueIn(unit, baseline)} of ${samples.baseline}`
  const { marginNote } = finding.hypothesis
  const note = marginNote === undefined ? '' : ` ${marginNote}`
  const compared = `${shown} against ${against}: ${move}${within}, ${bareIn(unit, margin)} accepted${note}`
  if (rule === 'phase') return `${compared}; not judged in this phase`
  if (outcome === 'breached') {
    return `${compared}; harm ${strength(evidence.harm)}${difference <= margin ? ANOTHER_TIME : ''}`
  }
  if (outcome === 'held') return `${compared}; safety ${strength(evidence.safety)}`
  if (!canFail(finding.hypothesis, finding.side, finding.state)) {
    return `${compared}; nothing is shown by it: against this baseline no canary could be worse by more`
  }
  if ((finding.state.users?.safetySlack ?? 0) >= finding.hypothesis.margin) {
    return `${compared}; nothing can be shown: the users differ too much for this split. ${REMEDY}`
  }
  const eta = evidence.etaMs === null ? '' : `, about ${Math.max(1, Math.round(evidence.etaMs / 1_000))} s to go`
  return `${compared}; safety ${strength(evidence.safety)}${eta}`
}

/** Said of harm that the figures do not show: it began during the step, or before it. */
const ANOTHER_TIME = ', over another time than these figures, which are of the whole step'

/** What helps if the users of the arms differ by more than the margin. */
const REMEDY = 'Raise the weight, split by request, or widen the margin'

const strength = ({ now, needed }: { readonly now: number; readonly needed: number }): string =>
  `${now > 1e4 ? 'over 10000' : now < 1e-3 ? 'under 0.001' : figure(now)} of ${figure(needed)} needed`

/** Limits of a difference, or of a change from the baseline to the canary. */
type Interval = NonNullable<CheckEvidence['interval']>

/** A difference is positive if it is harm. As a change from the baseline, a fall that is harm is negative. */
const changeIn = (side: Side, { low, high }: Interval): Interval =>
  side === 'fall' ? { low: -high, high: -low } : { low, high }

function rangeIn(unit: Unit, { low, high }: Interval): string {
  return `${bareIn(unit, low)} to ${bareIn(unit, high)}`
}
