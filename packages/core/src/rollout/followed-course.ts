import type { Course } from './course.js'
import { isLive } from './state.js'
import type { StoredRollout } from './stored-rollout.js'

/**
 * Returns the course that a process applies to a rollout: its own, but with the weights of the rollout if that is live
 * and was started with another plan. A step whose weight is not in the own plan gets the limits of the last step.
 */
export function courseFor({ weights, state }: Pick<StoredRollout, 'weights' | 'state'>, own: Course): Course {
  const { steps } = own
  if (!isLive(state)) return own
  if (weights.length === steps.length && weights.every((weight, at) => weight === steps[at]!.weight)) return own
  const limitsOf = (weight: number) => steps.find((step) => step.weight === weight) ?? steps.at(-1)!
  return { ...own, steps: weights.map((weight) => ({ ...limitsOf(weight), weight })) }
}
