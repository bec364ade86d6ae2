import { type Course, weightOf } from './course.js'
import { decided, type Transition } from './event.js'
import { atStep } from './moves.js'
import type { LiveState, PausableState, PausedState } from './state.js'

/**
 * Goes on under another plan, at the present share, with evidence that begins anew. If the plan has no step with this
 * share, the rollout is paused in the last step below it.
 */
export function supersede(state: LiveState, course: Course, reason: string): Transition {
  const { weight } = state
  if (weight === 0) return [state, [decided('supersede', reason)]]
  const found = stepWith(weight, course)
  const step = found ?? lastBelow(weight, course)
  const moved = { ...atStep(state, step, nameOf(step, course), course), weight, firstStep: 1 }
  if (found !== undefined && state.state !== 'paused') return [moved, [decided('supersede', reason)]]
  const untilMs = found !== undefined && state.state === 'paused' ? state.pause.untilMs : null
  const next: PausedState = { ...moved, state: 'paused', pause: { from: moved.state, untilMs } }
  if (found !== undefined) return [next, [decided('supersede', reason)]]
  const advice = `paused, because the new plan has no step with ${weight} %: resume() goes on, rollback() ends it`
  return [next, [decided('supersede', `${reason}; ${advice}`), { type: 'alert', about: 'hold', message: advice }]]
}

const stepsOf = ({ steps }: Course): readonly number[] => [...steps.keys()].map((at) => at + 1)

/** Returns the step with this weight; the warm-up if only that has it. */
function stepWith(weight: number, course: Course): number | undefined {
  const step = stepsOf(course).find((step) => weightOf(course, step) === weight)
  const isWarmUp = course.warmUp.durationMs > 0 && course.warmUp.weight === weight
  return step ?? (isWarmUp ? 0 : undefined)
}

const lastBelow = (weight: number, course: Course): number =>
  stepsOf(course).findLast((step) => weightOf(course, step) < weight) ?? 0

function nameOf(step: number, { steps }: Course): PausableState {
  if (step === 0) return 'warming'
  return step === steps.length ? 'baking' : 'progressing'
}
