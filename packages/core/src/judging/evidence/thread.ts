import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { SAFE_ALTERNATIVES } from '../../statistics/alternatives.js'
import { logAdd } from '../../statistics/log-space.js'
import { type Moments, mergeMoments, noMoments } from '../../statistics/moments.js'
import { SAFETY_MASS, START_MASS } from '../../statistics/onset-mass.js'

/** The evidence on one side of a hypothesis, as natural logarithms by alternative. */
export interface Strand {
  /** That the canary does more harm than is tolerable: a mixture over the times at which it may have begun. */
  readonly harm: readonly number[]
  /** That its harm is below the margin; half of it is carried from step to step. */
  readonly safety: readonly number[]
  /** The same from this step alone. */
  readonly fresh: readonly number[]
}

/** All that is remembered of one hypothesis. Plain JSON. */
export interface Thread {
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
  /** One for each side of the hypothesis. */
  readonly strands: readonly Strand[]
}

const noArms: ByVariant<Moments> = { baseline: noMoments, canary: noMoments }

/** A hypothesis of which nothing is known but what the baseline said before. */
export function startThread(hypothesis: Hypothesis, past: Moments): Thread {
  const strand: Strand = {
    harm: hypothesis.alternatives.shifts.map(() => Math.log(START_MASS)),
    safety: SAFE_ALTERNATIVES.shifts.map(() => Math.log(SAFETY_MASS)),
    fresh: SAFE_ALTERNATIVES.shifts.map(() => Math.log(SAFETY_MASS)),
  }
  return {
    memory: remember(noMoments, past),
    scatter: { baseline: past, canary: noMoments },
    open: noArms,
    openMs: 0,
    underWay: { baseline: 0, canary: 0 },
    seen: noArms,
    strands: hypothesis.sides.map(() => strand),
  }
}

/** The baseline's past weighs at most so many requests. */
const MEMORY = 4_000

/** The past with one more block, where all of it weighs as much as `most` requests at most. */
export function remember(memory: Moments, block: Moments, most = MEMORY): Moments {
  const both = mergeMoments(memory, block)
  if (both.count <= most) return both
  const kept = most / both.count
  return { count: most, sum: both.sum * kept, sumOfSquares: both.sumOfSquares * kept }
}

/** Requests at the prior that the baseline's rate begins with. */
const PRIOR_REQUESTS = 20

/** The share that the baseline's next block is expected to show. */
export function expectedShare(memory: Moments, prior: number): number {
  return (memory.sum + PRIOR_REQUESTS * prior) / (memory.count + PRIOR_REQUESTS)
}

/** Puts the mass of a new moment on every alternative: harm may have begun just now, and so may the gathering of safety. */
export function withMass(thread: Thread, harmMass: number, safetyMass = 0): Thread {
  const strands = thread.strands.map(({ harm, safety, fresh }) => ({
    harm: joined(harm, harmMass),
    safety: joined(safety, safetyMass),
    fresh: joined(fresh, safetyMass),
  }))
  return { ...thread, strands }
}

function joined(logs: readonly number[], mass: number): readonly number[] {
  if (mass === 0) return logs
  const log = Math.log(mass)
  return logs.map((known) => logAdd(known, log))
}

/**
 * The same hypothesis after an alarm that was not acted on: its evidence of harm is cut down by as much as would
 * bring the alarm to even odds, so that harm which goes on is soon found again. Cutting keeps evidence valid.
 */
export function halted(thread: Thread, alarm: number): Thread {
  const cut = Math.max(0, alarm)
  return {
    ...thread,
    strands: thread.strands.map(({ harm, safety }) => ({
      harm: harm.map((log) => log - cut),
      safety: safety.map(() => Math.log(SAFETY_MASS)),
      fresh: safety.map(() => Math.log(SAFETY_MASS)),
    })),
  }
}

/** The same hypothesis in the next step: half of the evidence of safety is carried, and none of the counts. */
export function nextStep(thread: Thread, isCarriedWhole: boolean): Thread {
  const strands = thread.strands.map(({ harm, safety, fresh }) => ({
    harm,
    safety: isCarriedWhole ? safety : safety.map((log) => log / 2 + Math.log(SAFETY_MASS)),
    fresh: fresh.map(() => Math.log(SAFETY_MASS)),
  }))
  return { ...thread, open: noArms, openMs: 0, underWay: { baseline: 0, canary: 0 }, seen: noArms, strands }
}
