import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf, isOfLatency, kindOf } from '../../guardrails/kind-of.js'
import { ALL_TICKS, MOST_STEP_MASSES, SAFETY_TICK_MASS, STEP_MASS, tickMass } from '../../statistics/onset-mass.js'
import { addAnswers, noAnswers } from '../../summaries/answer-counts.js'
import { totalOf } from '../../summaries/histogram.js'
import { answeredOf, emptySummary, finishedOf, mergeSummaries } from '../../summaries/summary.js'
import type { Block, StepContext } from '../judge.js'
import { logAlarm } from './alarm.js'
import { dispersionsOf } from './dispersions.js'
import { beginEvidence, type Evidence, formOf, freezeIfKnown, noRequests, startThreads } from './evidence.js'
import { closeBlock, observeThread } from './observe-thread.js'
import { isOnlyLate } from './only-late.js'
import { healthAfter, isOutage, unknownHealth } from './outage.js'
import { addWindow } from './past.js'
import type { EvidencePolicy } from './policy.js'
import { halted, nextStep, type Thread, withMass } from './thread.js'
import { noneUnpaired, pairUp } from './unpaired.js'

/** Evidence at the opening of a step: what may be carried is carried, and counts never are. */
export function openStep(previous: unknown, context: StepContext, policy: EvidencePolicy): Evidence {
  if (!isEvidenceFor(previous, context, policy)) return refreshed(beginEvidence(context, policy), context, policy)
  const { phase } = context
  const isDemotion = phase === 'warm-up' && previous.phase !== 'warm-up'
  const isFirst = previous.phase === 'warm-up'
  const isDown = isOutage(previous.health ?? unknownHealth, policy)
  const closed = mapThreads(previous, context, (hypothesis, thread, at) => {
    if (!isTested(hypothesis, previous.phase)) return thread
    return closeBlock(hypothesis, thread, { dispersion: previous.dispersions[at]!, isOutage: isDown }, policy)
  })
  const mass = isFirst || isDemotion || previous.stepMasses >= MOST_STEP_MASSES ? 0 : STEP_MASS
  const alarm = logAlarm({ ...previous, threads: closed }, context.guardrails)
  const opened = mapThreads({ ...previous, threads: closed }, context, (hypothesis, thread, at) => {
    const isExcused = isDemotion && mayBeCold(context.guardrails[at]!, hypothesis, previous, policy)
    return nextStep(isExcused ? halted(thread, alarm) : thread, isFirst || isDemotion)
  })
  const threads = opened.map((each) => each.map((thread) => withMass(thread, mass)))
  return {
    ...previous,
    stepElapsedMs: 0,
    stepMasses: mass > 0 ? previous.stepMasses + 1 : previous.stepMasses,
    massSoFar: previous.massSoFar + mass,
    safetySinceMs: isFirst || isDemotion ? previous.safetySinceMs : previous.elapsedMs,
    phase,
    demoted: previous.demoted || isDemotion,
    threads,
    alarm: logAlarm({ ...previous, threads: opened }, context.guardrails),
    begun: noRequests,
    unpaired: noneUnpaired,
    ended: noRequests,
    accounted: noRequests,
    answered: 0,
  }
}

/** Evidence with what came since. At a tick: close, look for harm, then put mass on the new moment. */
export function observeBlock(given: unknown, block: Block, context: StepContext, policy: EvidencePolicy): Evidence {
  const before = isEvidenceFor(given, context, policy) ? given : openStep(undefined, context, policy)
  const elapsedMs = before.elapsedMs + block.elapsedMs
  const ticks = Math.max(before.ticks, Math.floor(elapsedMs / policy.tickMs))
  const isTick = ticks > before.ticks
  const { phase } = context
  const health = healthAfter(before.health ?? unknownHealth, block)
  const arrival = {
    arms: block,
    elapsedMs: block.elapsedMs,
    isTick,
    isAlone: context.weight >= 100,
    isOutage: isOutage(health, policy),
  }
  const threads = mapThreads(before, context, (hypothesis, thread, at) => {
    if (!isTested(hypothesis, phase)) return thread
    return observeThread(hypothesis, thread, { ...arrival, dispersion: before.dispersions[at]! }, policy)
  })
  const begun = { baseline: block.baseline.begun, canary: block.canary.begun }
  const ended = add(before.ended, { baseline: finishedOf(block.baseline), canary: finishedOf(block.canary) })
  const seen: Evidence = {
    ...before,
    elapsedMs,
    stepElapsedMs: before.stepElapsedMs + block.elapsedMs,
    phase,
    threads,
    window: { ...mergeSummaries(before.window, block.baseline), pendingBins: [] },
    begun: add(before.begun, begun),
    unpaired: pairUp(before.unpaired ?? noneUnpaired, begun, block.elapsedMs),
    ended,
    accounted: add(ended, underWayIn(block)),
    answered: before.answered + answeredOf(block.canary),
    answers: addedAnswers(before, block),
    health,
  }
  const alarm = logAlarm(seen, context.guardrails) // before any new mass
  const mass = massBetween(before.elapsedMs / policy.tickMs, elapsedMs / policy.tickMs)
  const inStep = (ms: number) => (ms - before.safetySinceMs) / policy.tickMs
  const safetyMass = (SAFETY_TICK_MASS / ALL_TICKS) * massBetween(inStep(before.elapsedMs), inStep(elapsedMs))
  const weighed: Evidence = {
    ...seen,
    alarm,
    massSoFar: seen.massSoFar + mass,
    threads: seen.threads.map((threads) => threads.map((thread) => withMass(thread, mass, safetyMass))),
  }
  return isTick ? tick({ ...weighed, ticks }, block, context, policy) : weighed
}

/** Evidence that was stored before answers were counted has none. */
function addedAnswers(
  { answers }: Partial<Pick<Evidence, 'answers'>>,
  { baseline, canary }: Block,
): Evidence['answers'] {
  return {
    baseline: addAnswers(answers?.baseline ?? noAnswers, baseline.answers),
    canary: addAnswers(answers?.canary ?? noAnswers, canary.answers),
  }
}

/** Whether evidence was gathered for these guardrails, by a judge of this policy. */
export function isEvidenceFor(value: unknown, { guardrails }: StepContext, policy: EvidencePolicy): value is Evidence {
  return typeof value === 'object' && value !== null && (value as Partial<Evidence>).form === formOf(guardrails, policy)
}

/** At a tick a window of the baseline is complete: what it says applies to later blocks. */
function tick(evidence: Evidence, { clusters }: Block, context: StepContext, policy: EvidencePolicy): Evidence {
  const past = addWindow(evidence.past, evidence.window, context.guardrails, evidence.frozen)
  return refreshed({ ...evidence, past, window: emptySummary() }, context, policy, clusters)
}

/**
 * The mass of the moments between two times, counted in ticks. Half of a tick's is spread evenly over it, so that
 * there is fresh mass at every moment, and half is put on its end, where it is as much as it can be at once.
 */
function massBetween(from: number, to: number): number {
  let mass = 0
  for (let at = from; at < to; ) {
    const tick = Math.floor(at) + 1
    const end = Math.min(to, tick)
    mass += ((end - at) / 2 + (end === tick ? 0.5 : 0)) * tickMass(tick)
    at = end
  }
  return mass
}

/** Thresholds that can be frozen now, and the noise as it is known now: both apply to later blocks only. */
function refreshed(
  evidence: Evidence,
  context: StepContext,
  policy: EvidencePolicy,
  clusters?: Block['clusters'],
): Evidence {
  const { past, massSoFar } = evidence
  const frozen = evidence.frozen.map((known, at) => known ?? freezeIfKnown(context.guardrails[at]!, past, policy))
  const threads = evidence.threads.map((known, at) =>
    evidence.frozen[at] === null && frozen[at] !== null
      ? startThreads(hypothesesOf(context.guardrails[at]!, frozen[at]!), past, massSoFar)
      : known,
  )
  const known = clusters ?? context.calibration.clusters
  const dispersions = dispersionsOf(
    { past, frozen, guardrails: context.guardrails, clusters: known, unit: context.calibration.unit ?? 'request' },
    policy,
  )
  return { ...evidence, frozen, threads, dispersions }
}

function mapThreads(
  { threads, frozen }: Pick<Evidence, 'threads' | 'frozen'>,
  { guardrails }: StepContext,
  map: (hypothesis: Hypothesis, thread: Thread, guardrail: number) => Thread,
): Evidence['threads'] {
  return guardrails.map((guardrail, at) =>
    hypothesesOf(guardrail, frozen[at]!).map((hypothesis, index) => map(hypothesis, threads[at]![index]!, at)),
  )
}

function isTested({ tested }: Hypothesis, phase: StepContext['phase']): boolean {
  return tested === 'always' || (tested === 'warm-up') === (phase === 'warm-up')
}

/** Whether a cold canary alone may be what a hypothesis found. */
function mayBeCold(
  guardrail: Guardrail,
  { tested, margin }: Hypothesis,
  evidence: Evidence,
  { tolerable }: EvidencePolicy,
): boolean {
  if (kindOf(guardrail).whenCold === 'late') return isOnlyLate(evidence, tolerable * margin)
  return isOfLatency(guardrail) && tested !== 'warm-up'
}

function underWayIn({ baseline, canary }: Block): ByVariant<number> {
  return { baseline: totalOf(baseline.pendingBins), canary: totalOf(canary.pendingBins) }
}

function add(a: ByVariant<number>, b: ByVariant<number>): ByVariant<number> {
  return { baseline: a.baseline + b.baseline, canary: a.canary + b.canary }
}
