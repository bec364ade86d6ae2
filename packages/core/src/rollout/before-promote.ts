import type { Course, GateFunction, Step } from './plan.js'

/** The course with one more gate at every step. A manual gate stays a person's alone. */
export function withBeforePromote(course: Course, beforePromote: GateFunction | undefined): Course {
  if (beforePromote === undefined) return course
  return Object.freeze({ ...course, steps: course.steps.map((step) => gatedBy(beforePromote, step)) })
}

/** The step's own gate first, and in time: the other one may tell a person that all is ready. */
function gatedBy(beforePromote: GateFunction, step: Step): Step {
  const { gate } = step
  if (gate === 'manual') return step
  const both: GateFunction = async (request) =>
    (gate === undefined || ((await gate(request)) === true && !request.signal.aborted)) &&
    (await beforePromote(request)) === true
  return Object.freeze({ ...step, gate: both })
}
