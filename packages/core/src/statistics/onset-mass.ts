/** The mass of harm that is there from the beginning of a rollout. */
export const START_MASS = 0.5

/** The mass of harm that sets in with a step of the plan. */
export const STEP_MASS = 0.06

/** So many steps get a mass; those after them have the ticks' alone. */
export const MOST_STEP_MASSES = 4

/**
 * The mass with which evidence of safety begins in a step, and all the mass that the step's ticks may add to it.
 *
 * A shared incident is not expected by any rate learned before, so that its first seconds can cost all evidence that
 * was gathered. A mixture over the moments at which gathering begins anew pays a sixth of the evidence for that.
 */
export const SAFETY_MASS = 0.85
export const SAFETY_TICK_MASS = 0.15

/** What the masses of all ticks sum to: Σ .379/(t + 10)^1.5 over t = 1, 2, … */
export const ALL_TICKS = 0.2339

/**
 * The mass of harm that sets in at a tick: 1, 2, … since the rollout began.
 *
 * Evidence of harm is a mixture over the moment of its onset, so that a long healthy past is no debt: at every
 * tick new mass joins what the evidence has become. A mixture of e-processes that start later is an e-process as
 * long as all masses together are at most 1, however long the rollout lasts. (t + 10)^−1.5 has a finite sum, and
 * leaves a tick in mid-rollout two or three times the mass that 1/(t ln² t) would: harm that sets in late is what a
 * mixture finds last.
 *
 * .379/(t + 10)^1.5; the sum over all ticks is .2339, with the other masses .9739.
 *
 * Shin, Ramdas, Rinaldo (2024), *E-detectors*, New England Journal of Statistics in Data Science 2:229–260,
 * arXiv 2203.03532.
 */
export function tickMass(tick: number): number {
  return 0.379 / (tick + 10) ** 1.5
}
