import type { Guardrail } from '../../guardrails/guardrail.js'
import { hypothesesOf, isOfLatency, kindOf } from '../../guardrails/kind-of.js'
import type { Missing, StepContext, Verdict } from '../judge.js'
import { leftOutNote } from '../left-out.js'
import { outageMessage, worstOf } from '../verdict.js'
import { windowCountOf } from './baseline-history.js'
import { logCombinedEvidence, logHarm, logHarmTerms } from './combined-evidence.js'
import type { Evidence, GuardrailState } from './evidence.js'
import { evidenceCheck } from './evidence-check.js'
import { isOnlyLate } from './only-late.js'
import { isOutage } from './outage.js'
import type { EvidencePolicy } from './policy.js'
import { splitMismatch } from './split-mismatch.js'

/**
 * Evidence of harm rests on latency alone if the other guardrails have less than this part of what a rollback needs.
 */
const LATENCY_ALONE = 0.2

/** Returns the verdict on evidence: harm is checked first, then each condition of the next step. */
export function decideOn(evidence: Evidence, context: StepContext, policy: EvidencePolicy): Verdict {
  const { epoch, step, guardrails } = context
  const harmTerms = logHarmTerms(evidence, guardrails)
  const checks = guardrails.map((guardrail, at) =>
    evidenceCheck(guardrail, evidence.guardrails[at]!, { evidence, harmTerms }, context, policy),
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
  const hasSettled = evidence.stepElapsedMs >= policy.minStepMs // a new weight takes a while to reach every process
  const mismatch = hasSettled ? splitMismatch(evidence, context, policy) : undefined
  const leftOut = leftOutNote(evidence.leftOut, evidence.begun, context.phase)
  const note = leftOut?.isHeld ? leftOut : (mismatch ?? leftOut)
  if (note?.isHeld) {
    return { kind: 'inconclusive', response: 'hold', epoch, step, checks, message: note.message, about: 'split' }
  }
  const warning = note && { warning: note.message, about: 'split' as const }
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

/** Returns whether the combined evidence of harm is enough for a rollback: whether E ≥ 1/α. */
export function asksForRollback({ combinedEvidence }: Evidence, { alpha }: EvidencePolicy): boolean {
  return combinedEvidence >= -Math.log(alpha)
}

/**
 * Returns whether the canary goes back to the warm-up instead of being rolled back, which may happen once.
 *
 * A cold canary is slow for a while, on the whole and not only in the tail, and may answer after the overdue line.
 * Early evidence of harm that rests on nothing else demotes it.
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

/** Returns the first condition of the next step that is not met, besides the guardrails; `undefined` if all are. */
function whatIsMissing(evidence: Evidence, policy: EvidencePolicy): string | undefined {
  const { minWindows, minStepMs, minStepRequests, tickMs } = policy
  const windows = windowCountOf(evidence.baselineHistory)
  if (windows < minWindows) {
    return `${minWindows} windows of ${tickMs / 1_000} s of the baseline, to know its noise; ${windows} so far`
  }
  if (evidence.stepElapsedMs < minStepMs) return `${minStepMs / 1_000} s in the step`
  const fewest = Math.max(1, minStepRequests) // missing data never counts as a pass
  if (evidence.answered < fewest) return `${fewest} answered canary requests in the step; ${evidence.answered} so far`
  if (evidence.combinedEvidence > 0)
    return `the evidence of harm to fall: it is ${Math.exp(evidence.combinedEvidence).toPrecision(2)}, and must be at most 1`
  return undefined
}

/** Returns the conditions that are not met and have figures. */
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
