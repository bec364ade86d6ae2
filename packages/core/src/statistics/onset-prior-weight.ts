/** The prior weight of harm that is present from the start of a rollout. */
export const START_PRIOR_WEIGHT = 0.5

/** The prior weight of harm that begins with a step of the plan. */
export const STEP_PRIOR_WEIGHT = 0.06

/** The number of steps with a prior weight; later steps only have those of the ticks. */
export const MOST_WEIGHTED_STEPS = 4

/**
 * The prior weight with which evidence of safety starts in a step; the step's ticks may add the rest.
 *
 * Rates learned earlier do not predict a shared incident, so its first seconds can destroy all evidence gathered so
 * far. A mixture over the times at which gathering restarts avoids this, at the cost of a sixth of the evidence.
 */
export const SAFETY_PRIOR_WEIGHT = 0.85
export const SAFETY_TICK_PRIOR_WEIGHT = 0.15

/** The sum of the prior weights of all ticks: Σ .379/(t + 10)^1.5 over t = 1, 2, … */
export const ALL_TICKS_PRIOR_WEIGHT = 0.2339

/**
 * Returns the prior weight of harm that begins at a tick: 1, 2, … since the rollout began.
 *
 * Evidence of harm is a mixture over its onset, so that a long healthy period does not delay detection: every tick
 * adds new weight to the current evidence. A mixture of e-processes with later starts is an e-process if all weights
 * together are at most 1, for any length of the rollout. (t + 10)^−1.5 has a finite sum, and gives a tick in
 * mid-rollout two or three times the weight of 1/(t ln² t), because a mixture finds late harm last.
 *
 * .379/(t + 10)^1.5; the sum over all ticks is .2339, with the other weights .9739.
 *
 * Shin, Ramdas, Rinaldo (2024), *E-detectors*, New England Journal of Statistics in Data Science 2:229–260,
 * arXiv 2203.03532.
 */
export function tickPriorWeight(tick: number): number {
  return 0.379 / (tick + 10) ** 1.5
}

/**
 * Returns the prior weight of the moments between two times, which are counted in ticks.
 *
 * Half of a tick's weight is spread evenly over the tick, so that harm which begins at any moment has some. Half is put
 * on the end of the tick, where blocks are closed.
 */
export function priorWeightBetween(from: number, to: number): number {
  let priorWeight = 0
  for (let at = from; at < to; ) {
    const tick = Math.floor(at) + 1
    const end = Math.min(to, tick)
    priorWeight += ((end - at) / 2 + (end === tick ? 0.5 : 0)) * tickPriorWeight(tick)
    at = end
  }
  return priorWeight
}
