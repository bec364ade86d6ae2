import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { SAFE_ALTERNATIVES } from '../../statistics/alternatives.js'
import { logAdd } from '../../statistics/log-space.js'
import { type Moments, mergeMoments, noMoments } from '../../statistics/moments.js'
import { SAFETY_PRIOR_WEIGHT, START_PRIOR_WEIGHT } from '../../statistics/onset-prior-weight.js'
import { type CappedProcess, closeCapped, logsOf, reduced, startCapped, withWaiting } from './capped-evidence.js'
import { type LearnedSet, startLearning, withoutSeen } from './learned-set.js'
import type { UserDifference } from './user-offsets.js'
import { beginStretch, type Dispersion, noDispersion, startNoise, type WindowNoise } from './window-noise.js'

/** The e-processes of one side of a hypothesis, as natural logarithms by alternative. */
export interface EProcesses {
  /**
   * Against "the canary is worse by at most the tolerable part": a mixture over the times at which harm may have begun.
   */
  readonly inferiority: readonly number[]
  /** The same with limited gains, which a large dispersion delays less; see `capped-evidence.ts`. */
  readonly capped: CappedProcess
  /** Against "the canary is worse by at least the margin". A new step starts with the square root of it. */
  readonly nonInferiority: readonly number[]
  /** The same from this step alone. */
  readonly nonInferiorityInStep: readonly number[]
}

/** The evidence on one hypothesis, and what the next block is compared with. Plain JSON. */
export interface HypothesisState {
  /** The baseline so far, as at most 4,000 requests: the rate that the next block of a share is expected to show. */
  readonly memory: Moments
  /** Each arm's moments with exponential decay: the variance that the next block of a mean is expected to have. */
  readonly scatter: ByVariant<Moments>
  /** The block that is not closed yet, and how long it has been open, in milliseconds. */
  readonly open: ByVariant<Moments>
  readonly openMs: number
  /** Pending flights that have already been counted as hits. */
  readonly pendingHits: ByVariant<number>
  /** Both arms in this step, for display. */
  readonly seen: ByVariant<Moments>
  /** The set of classes that is compared, and how it is learned; left out for any other statistic. */
  readonly learned?: LearnedSet | undefined
  /** How much the arms' difference varies from window to window. */
  readonly noise: WindowNoise
  /** How many times noisier the arms are than independent requests: the factors by which evidence is tempered. */
  readonly dispersion: Dispersion
  /** How the users of the arms differ; `null` if it is not known, and a part of the noise. */
  readonly users: UserDifference | null
  /** In the order of the hypothesis's sides. */
  readonly sides: readonly EProcesses[]
}

/** Returns the evidence of harm by alternative: half of the weight is on the capped process. */
export function logsOfHarm({ inferiority, capped }: Pick<EProcesses, 'inferiority' | 'capped'>): readonly number[] {
  const limited = logsOf(capped)
  return inferiority.map((log, at) => logAdd(log, limited[at]!) - Math.LN2)
}

const noArms: ByVariant<Moments> = { baseline: noMoments, canary: noMoments }

/**
 * Returns the state of a hypothesis at its start, with what the baseline's history says: the moments of the statistic,
 * its noise, and the counts of the classes if a set of them is learned.
 */
export function startHypothesis(
  hypothesis: Hypothesis,
  history: Moments,
  past: Dispersion = noDispersion,
  classes?: readonly number[],
): HypothesisState {
  const sound = SAFE_ALTERNATIVES.shifts.map(() => Math.log(SAFETY_PRIOR_WEIGHT))
  const inferiority = hypothesis.alternatives.shifts.map(() => Math.log(START_PRIOR_WEIGHT))
  const started: EProcesses = {
    inferiority,
    capped: startCapped(inferiority),
    nonInferiority: sound,
    nonInferiorityInStep: sound,
  }
  return {
    memory: remember(noMoments, history),
    scatter: { baseline: history, canary: noMoments },
    open: noArms,
    openMs: 0,
    pendingHits: { baseline: 0, canary: 0 },
    seen: noArms,
    ...(hypothesis.classes && { learned: startLearning(hypothesis.classes, classes) }),
    noise: startNoise(past),
    dispersion: past,
    users: null,
    sides: hypothesis.sides.map(() => started),
  }
}

/**
 * Returns the state with these members. They are written out, because a spread of so many takes several times as long,
 * and each block needs three; see decision 74.
 */
export function changed(state: HypothesisState, changes: Partial<HypothesisState>): HypothesisState {
  return {
    memory: changes.memory ?? state.memory,
    scatter: changes.scatter ?? state.scatter,
    open: changes.open ?? state.open,
    openMs: changes.openMs ?? state.openMs,
    pendingHits: changes.pendingHits ?? state.pendingHits,
    seen: changes.seen ?? state.seen,
    learned: changes.learned ?? state.learned,
    noise: changes.noise ?? state.noise,
    dispersion: changes.dispersion ?? state.dispersion,
    users: changes.users === undefined ? state.users : changes.users,
    sides: changes.sides ?? state.sides,
  }
}

/** The largest number of requests that the memory of the baseline counts as. */
const MEMORY = 4_000

/** Returns the memory with one more block, scaled down to `most` requests if it exceeds them. */
export function remember(memory: Moments, block: Moments, most = MEMORY): Moments {
  const both = mergeMoments(memory, block)
  if (both.count <= most) return both
  const kept = most / both.count
  return { count: most, sum: both.sum * kept, sumOfSquares: both.sumOfSquares * kept }
}

/** The number of requests at the prior share that the expected share starts with. */
const PRIOR_REQUESTS = 20

/** Returns the share that the next block of the baseline is expected to show: (x + 20·prior)/(n + 20). */
export function expectedShare(memory: Moments, priorShare: number): number {
  return (memory.sum + PRIOR_REQUESTS * priorShare) / (memory.count + PRIOR_REQUESTS)
}

/**
 * Adds the prior weight of a new moment to every e-process: harm may begin now, and so may the evidence of safety.
 *
 * An e-process that starts at this moment is 1 now, so adding its weight is adding w·1 to the mixture.
 */
export function withPriorWeight(
  state: HypothesisState,
  harmPriorWeight: number,
  safetyPriorWeight = 0,
): HypothesisState {
  const sides = state.sides.map(
    ({ inferiority, capped, nonInferiority, nonInferiorityInStep }): EProcesses => ({
      inferiority: joined(inferiority, harmPriorWeight),
      capped: withWaiting(capped, harmPriorWeight),
      nonInferiority: joined(nonInferiority, safetyPriorWeight),
      nonInferiorityInStep: joined(nonInferiorityInStep, safetyPriorWeight),
    }),
  )
  return changed(state, { sides })
}

function joined(logs: readonly number[], priorWeight: number): readonly number[] {
  if (priorWeight === 0) return logs
  const log = Math.log(priorWeight)
  return logs.map((known) => logAdd(known, log))
}

/**
 * Returns the hypothesis after evidence of harm that led to a demotion and not to a rollback.
 *
 * Its evidence of harm is divided by the combined evidence, so that the sum is about 1 and lasting harm is soon found
 * again. Its evidence of safety starts anew. Reducing evidence keeps it valid.
 */
export function halted(state: HypothesisState, combinedEvidence: number): HypothesisState {
  const cut = Math.max(0, combinedEvidence)
  const sides = state.sides.map(({ inferiority, capped, nonInferiority }): EProcesses => {
    const anew = nonInferiority.map(() => Math.log(SAFETY_PRIOR_WEIGHT))
    return {
      inferiority: inferiority.map((log) => log - cut),
      capped: reduced(capped, cut),
      nonInferiority: anew,
      nonInferiorityInStep: anew,
    }
  })
  return { ...state, sides }
}

/**
 * Returns the hypothesis at the opening of the next step. No counts are carried.
 *
 * Evidence of harm is carried as it is. Of the evidence of safety, √E is carried, times the prior weight of its start:
 * an earlier step at a lower weight is evidence about the next one, but not full evidence.
 */
export function nextStep(state: HypothesisState, isCarriedWhole: boolean): HypothesisState {
  const sides = state.sides.map(
    ({ inferiority, capped, nonInferiority, nonInferiorityInStep }): EProcesses => ({
      inferiority,
      capped: closeCapped(capped),
      nonInferiority: isCarriedWhole
        ? nonInferiority
        : nonInferiority.map((log) => log / 2 + Math.log(SAFETY_PRIOR_WEIGHT)),
      nonInferiorityInStep: nonInferiorityInStep.map(() => Math.log(SAFETY_PRIOR_WEIGHT)),
    }),
  )
  return {
    ...state,
    open: noArms,
    openMs: 0,
    pendingHits: { baseline: 0, canary: 0 },
    seen: noArms,
    ...(state.learned && { learned: withoutSeen(state.learned) }),
    noise: beginStretch(state.noise),
    sides,
  }
}
