import type { Guardrail } from '../../guardrails/guardrail.js'
import { hypothesesOf, isOfLatency, kindOf } from '../../guardrails/kind-of.js'
import type { Missing, StepContext, Verdict } from '../judge.js'
import { outageMessage, worstOf } from '../verdict.js'
import { windowCountOf } from './baseline-history.js'
import { logCombinedEvidence, logHarm } from './combined-evidence.js'
import type { Evidence, GuardrailState } from './evidence.js'
import { evidenceCheck } from './evidence-check.js'
import { isOnlyLate } from './only-late.js'
import { isOutage } from './outage.js'
import type { EvidencePolicy } from './policy.js'
import { splitMismatch } from './split-mismatch.js'

/** Below this part of the evidence that a rollback needs, an alarm is of latency alone. */
const LATENCY_ALONE = 0.2

/** The verdict on evidence: harm first, then what stands in the way of the next step. */
export function decideOn(evidence: Evidence, context: StepContext, policy: EvidencePolicy): Verdict {
  const { epoch, step, guardrails } = context
  const checks = guardrails.map((guardrail, at) =>
    evidenceCheck(guardrail, evidence.guardrails[at]!, evidence, context, policy),
  )
  const breached = checks.filter(({ outcome, severity }) => outcome === 'breached' && severity !== 'observe')
  if (asksForRollback(evidence, policy)) {
    const response = mayDemote(evidence, context, policy) ? 'demote' : 'rollback'
    return { kind: 'fail', response, epoch, step, checks }
  }
  if (breached.length > 0) return { kind: 'fail', response: 'hold', epoch, step, checks }
  if (isOutage(evidence.health, policy)) {
    return {
      kind: 'inconclusive',
      response: 'hold',
      epoch,
      step,
      checks,
      message: outageMessage(policy.outageRate),
      about: 'outage',
    }
  }
  const hasArrived = evidence.stepElapsedMs >= policy.minStepMs // a new weight takes a while, and nothing is promoted before
  const mismatch = hasArrived ? splitMismatch(evidence, context, policy) : undefined
  if (mismatch?.isHeld) {
    return { kind: 'inconclusive', response: 'hold', epoch, step, checks, message: mismatch.message, about: 'split' }
  }
  const warning = mismatch && { warning: mismatch.message, about: 'split' as const }
  if (isCoolingDown(evidence, context, policy)) {
    const waitingFor = `the first ${policy.graceMs / 1_000} s to pass: latency is not judged before`
    return { kind: 'inconclusive', response: 'hold', epoch, step, checks, waitingFor, ...warning }
  }
  const waitingFor = whatIsMissing(evidence, policy)
  if (waitingFor !== undefined) {
    const missing = missingOf(evidence, policy)
    return { kind: 'inconclusive', epoch, step, checks, waitingFor, missing, ...warning }
  }
  return { kind: worstOf(checks), epoch, step, checks, ...warning }
}

/** Whether the evidence of all guardrails together asks for a rollback. */
export function asksForRollback({ combinedEvidence }: Evidence, { alpha }: EvidencePolicy): boolean {
  return combinedEvidence >= -Math.log(alpha)
}

/**
 * A cold canary is slow for a while, on the whole and not in its tail alone, and its answers may come after the line: an
 * early alarm that rests on nothing else puts it back into the warm-up, once.
 */
function mayDemote(
  evidence: Evidence,
  { guardrails, phase }: StepContext,
  { alpha, graceMs, tolerable }: EvidencePolicy,
): boolean {
  if (evidence.demoted || phase !== 'step' || evidence.elapsedMs >= graceMs) return false
  const isLate = (guardrail: Guardrail, { thresholds }: GuardrailState) =>
    kindOf(guardrail).whenCold === 'late' &&
    hypothesesOf(guardrail, thresholds).every(({ margin }) => isOnlyLate(evidence, tolerable * margin))
  const all = guardrails.map((guardrail, at) => {
    const state = evidence.guardrails[at]!
    const leans = logHarm(guardrail, state, evidence.priorWeightSoFar) > 0
    return { whenCold: kindOf(guardrail).whenCold, isLate: isLate(guardrail, state), leans }
  })
  const isSlowThroughout = all.every(({ whenCold, leans }) => whenCold !== 'slow' || leans)
  const isLateThroughout = all.some((each) => each.isLate && each.leans)
  const other = logCombinedEvidence(
    evidence,
    guardrails,
    (guardrail, state) => !isOfLatency(guardrail) && !isLate(guardrail, state),
  )
  return (isSlowThroughout || isLateThroughout) && other < Math.log(LATENCY_ALONE / alpha)
}

function isCoolingDown({ demoted, elapsedMs }: Evidence, { phase }: StepContext, { graceMs }: EvidencePolicy): boolean {
  return demoted && phase === 'warm-up' && elapsedMs < graceMs
}

/** What stands in the way of the next step besides the guardrails themselves. */
function whatIsMissing(evidence: Evidence, policy: EvidencePolicy): string | undefined {
  const { minWindows, minStepMs, minStepRequests, tickMs } = policy
  const windows = windowCountOf(evidence.baselineHistory)
  if (windows < minWindows) {
    return `${minWindows} windows of ${tickMs / 1_000} s of the baseline, to know its noise; ${windows} so far`
  }
  if (evidence.stepElapsedMs < minStepMs) return `${minStepMs / 1_000} s in the step`
  const fewest = Math.max(1, minStepRequests) // no data is never a pass
  if (evidence.answered < fewest) return `${fewest} answered canary requests in the step; ${evidence.answered} so far`
  if (evidence.combinedEvidence > 0)
    return `the evidence of harm to fall: it is ${Math.exp(evidence.combinedEvidence).toPrecision(2)}, at most 1 may be`
  return undefined
}

/** The same in figures, as far as there are any. */
function missingOf(evidence: Evidence, policy: EvidencePolicy): readonly Missing[] {
  const { minWindows, minStepMs, minStepRequests, tickMs } = policy
  const { stepElapsedMs, answered } = evidence
  const windows = windowCountOf(evidence.baselineHistory)
  const msPerRequest = answered > 0 ? stepElapsedMs / answered : null
  const figures: readonly (readonly [what: string, have: number, need: number, msPerOne: number | null])[] = [
    [`baseline windows of ${tickMs / 1_000} s`, windows, minWindows, tickMs],
    ['ms in the step for the judge', stepElapsedMs, minStepMs, 1],
    ['answered canary requests', answered, Math.max(1, minStepRequests), msPerRequest],
  ]
  return figures
    .filter(([, have, need]) => have < need)
    .map(([what, have, need, msPerOne]) => {
      return { what, have, need, etaMs: msPerOne === null ? null : (need - have) * msPerOne }
    })
}
