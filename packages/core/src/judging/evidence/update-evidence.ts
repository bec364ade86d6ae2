import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf, kindOf } from '../../guardrails/kind-of.js'
import {
  ALL_TICKS_PRIOR_WEIGHT,
  MOST_WEIGHTED_STEPS,
  priorWeightBetween,
  SAFETY_TICK_PRIOR_WEIGHT,
  STEP_PRIOR_WEIGHT,
} from '../../statistics/onset-prior-weight.js'
import { addAnswers } from '../../summaries/answer-counts.js'
import { totalOf } from '../../summaries/histogram.js'
import { answeredOf, emptySummary, finishedOf, mergeSummaries } from '../../summaries/summary.js'
import type { Block, StepContext } from '../judge.js'
import { leftOutIn } from '../left-out.js'
import { countWindow, historySummaryOf } from './baseline-history.js'
import { logCombinedEvidence } from './combined-evidence.js'
import { withDispersions } from './dispersions.js'
import {
  beginEvidence,
  type Evidence,
  formOf,
  type GuardrailState,
  noRequests,
  pastOf,
  startGuardrail,
} from './evidence.js'
import { type HypothesisState, halted, nextStep, withPriorWeight } from './hypothesis-state.js'
import { withClassUsers } from './learned-set.js'
import { mayBeCold } from './only-late.js'
import { healthAfter, isOutage } from './outage.js'
import type { EvidencePolicy } from './policy.js'
import { noneUnpaired, pairUp } from './unpaired.js'
import { closeBlock, updateHypothesis } from './update-hypothesis.js'
import { differenceOf } from './user-offsets.js'

/** Returns the evidence at the opening of a step. Evidence is carried as `nextStep` says; counts are not. */
export function openStep(previous: unknown, context: StepContext, policy: EvidencePolicy): Evidence {
  if (!isEvidenceFor(previous, context, policy)) return refreshed(beginEvidence(context, policy), context, policy)
  const { phase } = context
  const isDemotion = phase === 'warm-up' && previous.phase !== 'warm-up'
  const isFirst = previous.phase === 'warm-up'
  const isDown = isOutage(previous.health, policy)
  const closed = mapHypotheses(previous, context, (hypothesis, state) => {
    if (!isTested(hypothesis, previous.phase)) return state
    return closeBlock(hypothesis, state, { isOutage: isDown }, policy)
  })
  const priorWeight = isFirst || isDemotion || previous.weightedSteps >= MOST_WEIGHTED_STEPS ? 0 : STEP_PRIOR_WEIGHT
  const combinedEvidence = logCombinedEvidence({ ...previous, guardrails: closed }, context.guardrails)
  const opened = mapHypotheses({ guardrails: closed }, context, (hypothesis, state, guardrail) => {
    const isExcused = isDemotion && mayBeCold(guardrail, hypothesis, previous, policy)
    return nextStep(isExcused ? halted(state, combinedEvidence) : state, isFirst || isDemotion)
  })
  const next: Evidence = {
    ...previous,
    stepElapsedMs: 0,
    weightedSteps: priorWeight > 0 ? previous.weightedSteps + 1 : previous.weightedSteps,
    priorWeightSoFar: previous.priorWeightSoFar + priorWeight,
    safetySinceMs: isFirst || isDemotion ? previous.safetySinceMs : previous.elapsedMs,
    phase,
    demoted: previous.demoted || isDemotion,
    guardrails: mapStates(opened, (state) => withPriorWeight(state, priorWeight)),
    combinedEvidence: logCombinedEvidence({ ...previous, guardrails: opened }, context.guardrails),
    begun: noRequests,
    leftOut: noRequests,
    unpaired: noneUnpaired,
    ended: noRequests,
    accounted: noRequests,
    answered: 0,
  }
  return { ...next, guardrails: withUsers(next, context) }
}

/** Returns the guardrails with how the users of the arms differ now, at the present weight. */
function withUsers(evidence: Evidence, context: StepContext): Evidence['guardrails'] {
  const { offsets = null } = pastOf(context.calibration)
  const sides = evidence.guardrails.flatMap(({ hypotheses }) => hypotheses.flatMap((state) => state.sides)).length
  const place = { ...context, elapsedMs: evidence.elapsedMs, sides }
  return mapHypotheses(evidence, context, (hypothesis, state) => {
    const { classes } = hypothesis
    if (classes !== undefined) {
      const differences = classes.names.map((_, at) => differenceOf(offsets, { id: classes.ids?.[at] ?? '' }, place))
      return withClassUsers(state, context.calibration.unit === 'key' ? differences : null)
    }
    return { ...state, users: differenceOf(offsets, hypothesis, place) }
  })
}

/**
 * Returns the evidence with one more block.
 *
 * The order is: close blocks, combine the evidence of harm, then add the prior weight of the new moment. At a tick the
 * window of the baseline is complete, and thresholds and dispersions that follow from it apply to later blocks.
 */
export function updateEvidence(given: unknown, block: Block, context: StepContext, policy: EvidencePolicy): Evidence {
  const before = isEvidenceFor(given, context, policy) ? given : openStep(undefined, context, policy)
  const elapsedMs = before.elapsedMs + block.elapsedMs
  const ticks = Math.max(before.ticks, Math.floor(elapsedMs / policy.tickMs))
  const isTick = ticks > before.ticks
  const { phase } = context
  const health = healthAfter(before.health, block)
  const arrival = {
    arms: block,
    elapsedMs: block.elapsedMs,
    isTick,
    isAlone: context.weight >= 100,
    isOutage: isOutage(health, policy),
  }
  const guardrails = mapHypotheses(before, context, (hypothesis, state) =>
    isTested(hypothesis, phase) ? updateHypothesis(hypothesis, state, arrival, policy) : state,
  )
  const begun = { baseline: block.baseline.begun, canary: block.canary.begun }
  const ended = add(before.ended, { baseline: finishedOf(block.baseline), canary: finishedOf(block.canary) })
  const priorWeight = priorWeightBetween(before.elapsedMs / policy.tickMs, elapsedMs / policy.tickMs)
  const inStep = (ms: number) => (ms - before.safetySinceMs) / policy.tickMs
  const safetyPriorWeight =
    (SAFETY_TICK_PRIOR_WEIGHT / ALL_TICKS_PRIOR_WEIGHT) *
    priorWeightBetween(inStep(before.elapsedMs), inStep(elapsedMs))
  const next: Evidence = {
    form: before.form,
    elapsedMs,
    stepElapsedMs: before.stepElapsedMs + block.elapsedMs,
    ticks,
    weightedSteps: before.weightedSteps,
    safetySinceMs: before.safetySinceMs,
    priorWeightSoFar: before.priorWeightSoFar + priorWeight,
    phase,
    demoted: before.demoted,
    baselineHistory: before.baselineHistory,
    baselineWindow: mergeSummaries(before.baselineWindow, { ...block.baseline, pendingBins: [] }),
    guardrails: mapStates(guardrails, (state) => withPriorWeight(state, priorWeight, safetyPriorWeight)),
    begun: add(before.begun, begun),
    leftOut: add(before.leftOut, leftOutIn(block)),
    ended,
    accounted: add(ended, underWayIn(block)),
    answered: before.answered + answeredOf(block.canary),
    answers: {
      baseline: addAnswers(before.answers.baseline, block.baseline.answers),
      canary: addAnswers(before.answers.canary, block.canary.answers),
    },
    health,
    unpaired: pairUp(before.unpaired, begun, block.elapsedMs),
    // before the new prior weight
    combinedEvidence: logCombinedEvidence(
      { guardrails, priorWeightSoFar: before.priorWeightSoFar },
      context.guardrails,
    ),
  }
  return isTick ? tick(next, block, context, policy) : next
}

/** Returns whether a value is evidence for these guardrails under this policy. */
export function isEvidenceFor(value: unknown, { guardrails }: StepContext, policy: EvidencePolicy): value is Evidence {
  return typeof value === 'object' && value !== null && (value as Partial<Evidence>).form === formOf(guardrails, policy)
}

/** Adds the complete window to the baseline's history. */
function tick(evidence: Evidence, { clusters }: Block, context: StepContext, policy: EvidencePolicy): Evidence {
  const baselineHistory = countWindow(evidence.baselineHistory, evidence.baselineWindow)
  return refreshed({ ...evidence, baselineHistory, baselineWindow: emptySummary() }, context, policy, clusters)
}

/**
 * Returns the evidence with thresholds that can be taken now, and with the present dispersions. Both apply to later
 * blocks only.
 */
function refreshed(
  evidence: Evidence,
  context: StepContext,
  policy: EvidencePolicy,
  clusters: Block['clusters'] | null = context.calibration.clusters,
): Evidence {
  const { calibration } = context
  const { baselineHistory, priorWeightSoFar } = evidence
  const histories = { past: pastOf(calibration), history: baselineHistory }
  const isSmallArm = context.phase === 'warm-up'
  const users =
    calibration.unit === 'key' && clusters
      ? { clusters, before: calibration.clusters, history: historySummaryOf(baselineHistory), isSmallArm }
      : null
  const started = context.guardrails.map((guardrail, at): GuardrailState => {
    const known = evidence.guardrails[at]!
    const { thresholds } = known
    const isComplete = thresholds !== null && kindOf(guardrail).isPartial?.(guardrail, thresholds) !== true
    return isComplete ? known : withKnown(known, startGuardrail(guardrail, histories, priorWeightSoFar, policy))
  })
  const located = withUsers({ ...evidence, guardrails: started }, context)
  const guardrails = context.guardrails.map((guardrail, at): GuardrailState => {
    const state = located[at]!
    return { ...state, hypotheses: withDispersions(guardrail, state, users) }
  })
  return { ...evidence, guardrails }
}

/** Returns a guardrail that is started anew, with the hypotheses that were tested already. */
const withKnown = (known: GuardrailState, started: GuardrailState): GuardrailState => ({
  ...started,
  hypotheses: started.hypotheses.map((hypothesis, at) => known.hypotheses[at] ?? hypothesis),
})

function mapHypotheses(
  evidence: Pick<Evidence, 'guardrails'>,
  { guardrails }: StepContext,
  map: (hypothesis: Hypothesis, state: HypothesisState, guardrail: Guardrail) => HypothesisState,
): Evidence['guardrails'] {
  return guardrails.map((guardrail, at) => {
    const state = evidence.guardrails[at]!
    const tested = hypothesesOf(guardrail, state.thresholds)
    const hypotheses = state.hypotheses.map((known, index) => map(tested[index]!, known, guardrail))
    return { thresholds: state.thresholds, hypotheses }
  })
}

const mapStates = (
  guardrails: Evidence['guardrails'],
  map: (state: HypothesisState) => HypothesisState,
): Evidence['guardrails'] =>
  guardrails.map(({ thresholds, hypotheses }) => ({ thresholds, hypotheses: hypotheses.map(map) }))

function isTested({ tested }: Hypothesis, phase: StepContext['phase']): boolean {
  return tested === 'always' || (tested === 'warm-up') === (phase === 'warm-up')
}

function underWayIn({ baseline, canary }: Block): ByVariant<number> {
  return { baseline: totalOf(baseline.pendingBins), canary: totalOf(canary.pendingBins) }
}

function add(a: ByVariant<number>, b: ByVariant<number>): ByVariant<number> {
  return { baseline: a.baseline + b.baseline, canary: a.canary + b.canary }
}
