import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { SAFE_ALTERNATIVES } from '../../statistics/alternatives.js'
import { logAdd } from '../../statistics/log-space.js'
import { type Moments, mergeMoments, noMoments } from '../../statistics/moments.js'
import { SAFETY_PRIOR_WEIGHT, START_PRIOR_WEIGHT } from '../../statistics/onset-prior-weight.js'

/** The e-processes of one side of a hypothesis, as natural logarithms by alternative. */
export interface EProcesses {
  /** That the canary is worse than is tolerable: a mixture over the times at which that may have begun. */
  readonly inferiority: readonly number[]
  /** That it is less worse than the margin; half of it is carried from step to step. */
  readonly nonInferiority: readonly number[]
  /** The same from this step alone. */
  readonly nonInferiorityInStep: readonly number[]
}

/** All that is remembered of one hypothesis. Plain JSON. */
export interface HypothesisState {
  /** The baseline so far, of bounded weight: what the next block is expected to show. */
  readonly memory: Moments
  /** Each arm's decayed moments: the variance that the next block of a mean is expected to have. */
  readonly scatter: ByVariant<Moments>
  /** Counts of the block that is not closed yet. */
  readonly open: ByVariant<Moments>
  readonly openMs: number
  /** Flights under way that have been counted as a yes already. */
  readonly underWay: ByVariant<number>
  /** Both arms in this step: for display. */
  readonly seen: ByVariant<Moments>
  /** By the sides of the hypothesis. */
  readonly sides: readonly EProcesses[]
}

const noArms: ByVariant<Moments> = { baseline: noMoments, canary: noMoments }

/** A hypothesis of which nothing is known but what the baseline said before. */
export function startHypothesis(hypothesis: Hypothesis, history: Moments): HypothesisState {
  const sound = SAFE_ALTERNATIVES.shifts.map(() => Math.log(SAFETY_PRIOR_WEIGHT))
  const started: EProcesses = {
    inferiority: hypothesis.alternatives.shifts.map(() => Math.log(START_PRIOR_WEIGHT)),
    nonInferiority: sound,
    nonInferiorityInStep: sound,
  }
  return {
    memory: remember(noMoments, history),
    scatter: { baseline: history, canary: noMoments },
    open: noArms,
    openMs: 0,
    underWay: { baseline: 0, canary: 0 },
    seen: noArms,
    sides: hypothesis.sides.map(() => started),
  }
}

/** The baseline's history weighs at most so many requests. */
const MEMORY = 4_000

/** What is remembered with one more block, where all of it weighs as much as `most` requests at most. */
export function remember(memory: Moments, block: Moments, most = MEMORY): Moments {
  const both = mergeMoments(memory, block)
  if (both.count <= most) return both
  const kept = most / both.count
  return { count: most, sum: both.sum * kept, sumOfSquares: both.sumOfSquares * kept }
}

/** Requests at the prior that the baseline's rate begins with. */
const PRIOR_REQUESTS = 20

/** The share that the baseline's next block is expected to show. */
export function expectedShare(memory: Moments, priorShare: number): number {
  return (memory.sum + PRIOR_REQUESTS * priorShare) / (memory.count + PRIOR_REQUESTS)
}

/** Puts the prior weight of a new moment on every alternative: harm may begin just now, and so may the proof of safety. */
export function withPriorWeight(
  state: HypothesisState,
  harmPriorWeight: number,
  safetyPriorWeight = 0,
): HypothesisState {
  const sides = state.sides.map(
    ({ inferiority, nonInferiority, nonInferiorityInStep }): EProcesses => ({
      inferiority: joined(inferiority, harmPriorWeight),
      nonInferiority: joined(nonInferiority, safetyPriorWeight),
      nonInferiorityInStep: joined(nonInferiorityInStep, safetyPriorWeight),
    }),
  )
  return { ...state, sides }
}

function joined(logs: readonly number[], priorWeight: number): readonly number[] {
  if (priorWeight === 0) return logs
  const log = Math.log(priorWeight)
  return logs.map((known) => logAdd(known, log))
}

/**
 * The same hypothesis after an alarm that was not acted on: its evidence of harm is cut down by as much as would
 * bring the alarm to even odds, so that harm which goes on is soon found again. Cutting keeps evidence valid.
 */
export function halted(state: HypothesisState, combinedEvidence: number): HypothesisState {
  const cut = Math.max(0, combinedEvidence)
  const sides = state.sides.map(({ inferiority, nonInferiority }): EProcesses => {
    const anew = nonInferiority.map(() => Math.log(SAFETY_PRIOR_WEIGHT))
    return { inferiority: inferiority.map((log) => log - cut), nonInferiority: anew, nonInferiorityInStep: anew }
  })
  return { ...state, sides }
}

/** The same hypothesis in the next step: half of the evidence of safety is carried, and no counts. */
export function nextStep(state: HypothesisState, isCarriedWhole: boolean): HypothesisState {
  const sides = state.sides.map(
    ({ inferiority, nonInferiority, nonInferiorityInStep }): EProcesses => ({
      inferiority,
      nonInferiority: isCarriedWhole
        ? nonInferiority
        : nonInferiority.map((log) => log / 2 + Math.log(SAFETY_PRIOR_WEIGHT)),
      nonInferiorityInStep: nonInferiorityInStep.map(() => Math.log(SAFETY_PRIOR_WEIGHT)),
    }),
  )
  return { ...state, open: noArms, openMs: 0, underWay: { baseline: 0, canary: 0 }, seen: noArms, sides }
}
