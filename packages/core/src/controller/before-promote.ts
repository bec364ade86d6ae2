import type { Course } from '../rollout/course.js'
import type { GateFunction, GateRequest, Step } from '../rollout/plan.js'
import type { Clock } from '../runtime/clock.js'

/**
 * The course with one more gate at every step. A manual gate stays a person's alone.
 *
 * @param validMs how long the yes of a step's own gate may wait for the other one, in milliseconds
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

/** The step's own gate first, and in time: the other one may tell a person that all is ready. */
function gatedBy(beforePromote: GateFunction, step: Step, clock: Clock, validMs: number): Step {
  const { gate } = step
  if (gate === 'manual') return step
  const isOpen = async (request: GateRequest) =>
    gate === undefined || ((await gate(request)) === true && !request.signal.aborted)
  const both: GateFunction = async (request) => {
    if (!(await isOpen(request))) return false
    const at = clock.elapsed()
    if ((await beforePromote(request)) !== true) return false
    return clock.elapsed() - at <= validMs || isOpen(request) // a yes that has waited for too long is asked for anew
  }
  return Object.freeze({ ...step, gate: both })
}
