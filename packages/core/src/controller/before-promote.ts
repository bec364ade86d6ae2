import type { Course } from '../rollout/course.js'
import type { GateFunction, GateRequest, Step } from '../rollout/plan.js'
import type { Clock } from '../runtime/clock.js'

/**
 * Returns the course with `beforePromote` as one more gate at every step. Only a person opens a manual gate.
 *
 * @param validMs how long the yes of a step's own gate is valid while the other one is asked, in milliseconds
 */
export function withBeforePromote(
  course: Course,
  beforePromote: GateFunction | undefined,
  clock: Clock,
  validMs: number,
): Course {
  if (beforePromote === undefined) return course
  return Object.freeze({ ...course, steps: course.steps.map((step) => gatedBy(beforePromote, step, clock, validMs)) })
}

/**
 * Asks the step's own gate first, and asks `beforePromote` only after a yes that is still valid: it may notify a person
 * that everything is ready.
 */
function gatedBy(beforePromote: GateFunction, step: Step, clock: Clock, validMs: number): Step {
  const { gate } = step
  if (gate === 'manual') return step
  const isOpen = async (request: GateRequest) =>
    gate === undefined || ((await gate(request)) === true && !request.signal.aborted)
  const both: GateFunction = async (request) => {
    if (!(await isOpen(request))) return false
    const at = clock.elapsed()
    if ((await beforePromote(request)) !== true) return false
    return clock.elapsed() - at <= validMs || isOpen(request) // an expired yes is asked for again
  }
  return Object.freeze({ ...step, gate: both })
}
