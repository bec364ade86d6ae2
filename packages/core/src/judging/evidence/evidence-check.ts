import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import { isComparison, type Side } from '../../guardrails/hypothesis.js'
import { hypothesesOf, isOfLatency, kindOf } from '../../guardrails/kind-of.js'
import { SAFE_ALTERNATIVES } from '../../statistics/alternatives.js'
import { sequenceHalfWidth } from '../../statistics/confidence-sequence.js'
import { capLog, logSum } from '../../statistics/log-space.js'
import { type Moments, meanOf, varianceOf } from '../../statistics/moments.js'
import { shareSequence } from '../../statistics/share-sequence.js'
import type { Check, CheckEvidence, StepContext } from '../judge.js'
import { canFail } from './can-fail.js'
import { logHarm } from './combined-evidence.js'
import { distancesOf } from './distances.js'
import type { Evidence, GuardrailState } from './evidence.js'
import { evidenceReason } from './evidence-reason.js'
import { type Finding, findingsOf } from './finding.js'
import { type EProcesses, type HypothesisState, logsOfHarm } from './hypothesis-state.js'
import type { EvidencePolicy } from './policy.js'

/** The number of requests at which the displayed intervals are tightest. */
const TUNED_FOR = 5_000

/** The evidence on all guardrails, and ln(π·E) of harm of each: computed once for all checks. */
export interface AllEvidence {
  readonly evidence: Evidence
  readonly harmTerms: readonly number[]
}

/** Returns the check of one guardrail, with the figures of the side that is furthest from being proved safe. */
export function evidenceCheck(
  guardrail: Guardrail,
  state: GuardrailState,
  all: AllEvidence,
  context: StepContext,
  policy: EvidencePolicy,
): Check {
  const { phase, stepsLeft } = context
  const findings = findingsOf(guardrail, state)
  const proofs = findings.filter(isToBeProved)
  const worst = pickWorst(proofs)
  const harm = harmOf(guardrail, state, all, context, policy)
  const errorRate = policy.promotion[Math.min(Math.max(stepsLeft - 1, 0), policy.promotion.length - 1)]!
  const neededSafety = -Math.log(errorRate)
  const isLast = stepsLeft <= 1
  const safety = worst === undefined ? 0 : logSafety(worst.nonInferiority)
  const isHeld = worst !== undefined && proofs.every((proof) => isProved(proof, neededSafety, isLast))
  const isUnasked = phase === 'warm-up' && isOfLatency(guardrail)
  const shown = harm.isBreached ? pickMostHarmful(findings) : (worst ?? findings[0])
  const figures = figuresOf(shown)
  const dispersion = shown?.state.dispersion.trimmed ?? 1
  const isAlone = phase === 'bake' && figures.samples.baseline === 0
  const outcome = harm.isBreached ? 'breached' : isHeld && !isAlone && phase !== 'warm-up' ? 'held' : 'undecided'
  const doublingMs = isUnasked || isAlone ? null : doublingOf(worst, all.evidence)
  const isClass = (_: HypothesisState, at: number) => isComparison(hypothesesOf(guardrail, state.thresholds)[at]!)
  const distances = kindOf(guardrail).hasClasses ? distancesOf(state.hypotheses.filter(isClass)) : undefined
  const strength: CheckEvidence = {
    harm: { now: Math.exp(capLog(harm.log)), needed: 1 / policy.alpha },
    safety: { now: Math.exp(capLog(safety)), needed: 1 / errorRate },
    tolerable: policy.tolerable * figures.margin,
    interval: intervalOf(shown, dispersion, policy.alpha),
    dispersion,
    doublingMs,
    ...(distances && { distances }),
    etaMs:
      isHeld || doublingMs === null ? null : Math.max(0, Math.round(((neededSafety - safety) / Math.LN2) * doublingMs)),
  }
  const isPhase = isUnasked || (isAlone && figures.canary !== null)
  const rule = isPhase && !harm.isBreached ? 'phase' : ruleOf(shown)
  const unit = findings[0]?.hypothesis.statistic.unit
  const check: Omit<Check, 'reason'> = {
    guardrail: guardrail.name,
    severity: guardrail.severity,
    outcome,
    rule,
    ...(unit && { unit }),
    ...figures,
    limit: kindOf(guardrail).limitOf(guardrail),
    evidence: strength,
  }
  const note = state.thresholds && kindOf(guardrail).noteOf?.(guardrail, state.thresholds)
  const reason = evidenceReason(guardrail, shown, check)
  return { ...check, reason: note ? `${reason}; ${note}` : reason }
}

/**
 * Returns whether a side must be proved safe. If one of two sides cannot fail, the other is enough: a rare class cannot
 * become rarer by the margin.
 */
function isToBeProved({ hypothesis, side, state }: Finding): boolean {
  if (!isComparison(hypothesis)) return false
  return canFail(hypothesis, side, state) || !hypothesis.sides.some((other) => canFail(hypothesis, other, state))
}

/** Returns the side with the least evidence of safety. */
function pickWorst(findings: readonly Finding[]): Finding | undefined {
  const safeties = findings.map(({ nonInferiority }) => logSafety(nonInferiority))
  return findings[safeties.indexOf(Math.min(...safeties))]
}

/** Returns the side with the most evidence of harm. */
function pickMostHarmful(findings: readonly Finding[]): Finding | undefined {
  const harmOn = (finding: Finding) =>
    logSum(logsOfHarm(finding)) + Math.log(finding.hypothesis.part / finding.hypothesis.sides.length)
  return findings.reduce<Finding | undefined>(
    (most, finding) => (most === undefined || harmOn(finding) > harmOn(most) ? finding : most),
    undefined,
  )
}

/** Returns ln Σ w_a E_a over the alternatives of a sound canary. */
export function logSafety(logs: readonly number[]): number {
  return logSum(logs.map((log, at) => log + LOGS_OF_PARTS[at]!))
}

const LOGS_OF_PARTS = /* @__PURE__ */ SAFE_ALTERNATIVES.parts.map(Math.log)

/**
 * Returns whether a side has the needed evidence. The last step's own evidence must not be against the canary, either.
 */
function isProved({ nonInferiority, nonInferiorityInStep }: EProcesses, needed: number, isLast: boolean): boolean {
  return logSafety(nonInferiority) >= needed && (!isLast || logSafety(nonInferiorityInStep) >= 0)
}

/**
 * Returns ln of a guardrail's evidence of harm, and whether it is breached.
 *
 * A guardrail that rolls back counts with its weight in the combined evidence. It is breached if the combined evidence
 * is enough and its own part is enough or the largest. A guardrail of another severity stands alone.
 */
function harmOf(
  guardrail: Guardrail,
  state: GuardrailState,
  { evidence, harmTerms }: AllEvidence,
  { guardrails }: StepContext,
  { alpha }: EvidencePolicy,
) {
  const needed = -Math.log(alpha)
  if (guardrail.severity !== 'rollback') {
    const log = logHarm(guardrail, state, evidence.priorWeightSoFar)
    return { log, isBreached: log >= needed }
  }
  const log = harmTerms[guardrails.indexOf(guardrail)]!
  const isCause = log === Math.max(...harmTerms)
  return { log, isBreached: evidence.combinedEvidence >= needed && (isCause || log >= needed) }
}

function ruleOf(shown: Finding | undefined): Check['rule'] {
  if (shown === undefined) return 'samples'
  return shown.hypothesis.limit === null ? 'evidence' : 'limit'
}

type Figures = Pick<Check, 'baseline' | 'canary' | 'difference' | 'margin' | 'samples'>

function figuresOf(finding: Finding | undefined): Figures {
  if (finding === undefined) {
    return { baseline: null, canary: null, difference: null, margin: 0, samples: { baseline: 0, canary: 0 } }
  }
  const { side, hypothesis, state } = finding
  const baseline = meanOf(state.seen.baseline) ?? null
  const canary = meanOf(state.seen.canary) ?? null
  const rise = baseline === null || canary === null ? null : canary - baseline
  return {
    baseline,
    canary,
    difference: rise !== null && side === 'fall' ? -rise : rise,
    margin: hypothesis.margin,
    samples: { baseline: state.seen.baseline.count, canary: state.seen.canary.count },
  }
}

/** Returns confidence limits of the difference that are valid at all looks. They are displayed and decide nothing. */
function intervalOf(finding: Finding | undefined, dispersion: number, alpha: number): CheckEvidence['interval'] {
  if (finding === undefined) return null
  const { side, hypothesis, state } = finding
  const { difference } = figuresOf(finding)
  if (difference === null) return null
  if (hypothesis.form === 'share') return shareInterval(state.seen, side, dispersion, alpha)
  const variance = errorOf(state.seen)
  if (variance === undefined) return null
  const n = state.seen.baseline.count + state.seen.canary.count
  const half = sequenceHalfWidth({ n, alpha, tunedFor: TUNED_FOR }) * Math.sqrt(variance * dispersion)
  return { low: difference - half, high: difference + half }
}

/**
 * Returns limits of the difference of two shares: the extremes of each arm's own `shareSequence` at α/2 (union bound).
 *
 * They are valid for small counts too, and without hits. Counts are divided by the dispersion first.
 */
function shareInterval({ baseline, canary }: ByVariant<Moments>, side: Side, dispersion: number, alpha: number) {
  const limitsOf = ({ count, sum }: Moments) =>
    shareSequence({ n: count / dispersion, x: sum / dispersion, alpha: alpha / 2 })
  const [b, c] = [limitsOf(baseline), limitsOf(canary)]
  return side === 'rise' ? { low: c.low - b.high, high: c.high - b.low } : { low: b.low - c.high, high: b.high - c.low }
}

function errorOf({ baseline, canary }: ByVariant<Moments>): number | undefined {
  const b = varianceOf(baseline)
  const c = varianceOf(canary)
  return b === undefined || c === undefined ? undefined : b / baseline.count + c / canary.count
}

/**
 * Returns the time in which the evidence of safety doubles at the rate of this step so far, in ms; `null` if it does
 * not grow.
 */
function doublingOf(worst: Finding | undefined, { stepElapsedMs }: Evidence): number | null {
  const gained = worst === undefined ? 0 : logSafety(worst.nonInferiorityInStep)
  return gained > 0 && stepElapsedMs > 0 ? (Math.LN2 / gained) * stepElapsedMs : null
}
