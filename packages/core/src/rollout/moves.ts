import { nextStep } from './arrivals.js'
import { type Course, weightOf } from './course.js'
import { decided, type Transition } from './event.js'
import { calm } from './hold.js'
import { laterEnd } from './pause-end.js'
import {
  type EndedState,
  idleState,
  type LiveState,
  type PausableState,
  type PausedState,
  type RolloutState,
  type RunningState,
  switchOf,
} from './state.js'

/** Begins a new epoch, in which this process has to warm its canary. */
export function begin(state: RolloutState, firstStep: number, action: 'start' | 'retry', reason: string): Transition {
  const next: RunningState = {
    ...idleState,
    state: 'warming',
    epoch: state.epoch + 1,
    visit: 1,
    firstStep,
    ...switchOf(state),
    waitingFor: 'data',
  }
  return [next, [decided(action, reason), { type: 'warm-up' }]]
}

/** Enters a step of the plan. The last one bakes, or promotes if the bake period is 0. */
export function enter(state: LiveState, step: number, course: Course, reason: string): Transition {
  const isLast = step === course.steps.length
  const isJudged = state.step > 0 // the warm-up alone must not promote
  const next = atStep(state, step, isLast ? 'baking' : 'progressing', course)
  if (isLast && isJudged && course.bake.durationMs === 0) return finish(next, reason)
  return [next, [decided('advance', reason)]]
}

/** Goes to the next step. */
export function advance(state: LiveState, course: Course, reason: string): Transition {
  if (state.state === 'baking') return finish(state, reason)
  return enter(state, state.step === 0 ? state.firstStep : state.step + 1, course, reason)
}

/** Promotes the canary, which ends the epoch. */
function finish(state: LiveState, reason: string): Transition {
  const next: EndedState = { ...state, state: 'promoted', weight: 100, waitingFor: null, pause: null, reason }
  return [next, [decided('promote', reason)]]
}

/** Returns the state at the beginning of a step. */
export function atStep(state: LiveState, step: number, name: PausableState, course: Course): RunningState {
  return {
    ...state,
    state: name,
    step,
    visit: state.visit + 1,
    weight: weightOf(course, step),
    elapsedInStepMs: 0,
    waitingFor: 'data',
    requests: { baseline: 0, canary: 0 },
    pause: null,
    arrivals: nextStep(state.arrivals, state.requests),
    alerts: withoutGate(calm(state).alerts),
  }
}

/** Drops the alert about the gate, so that the next gate raises one too; other alerts remain. */
const withoutGate = ({ gate: _, ...alerts }: RolloutState['alerts']): RolloutState['alerts'] => alerts

/** Sends all requests to the baseline, which ends the epoch. */
export function rollBack(state: LiveState | EndedState, reason: string): Transition {
  const next: EndedState = {
    ...state,
    state: 'rolled-back',
    weight: 0,
    waitingFor: null,
    pause: null,
    reason,
  }
  return [next, [decided('rollback', reason)]]
}

/** Pauses the rollout. A second pause never shortens the first; one without an end outlasts any other. */
export function pause(state: LiveState, until: number | null, reason: string): Transition {
  const before = state.state === 'paused' ? state.pause : { from: state.state, untilMs: until }
  const untilMs = until === null ? until : laterEnd(before.untilMs, until)
  return [{ ...state, state: 'paused', pause: { from: before.from, untilMs } }, [decided('pause', reason)]]
}

/** Returns the state that a pause interrupted. */
const resumed = (state: PausedState): RunningState => ({ ...state, state: state.pause.from, pause: null })

/** Ends a pause and continues in the state that it interrupted. */
export const resume = (state: PausedState, reason: string): Transition => [resumed(state), [decided('resume', reason)]]

/** Goes to the next step or, with `full`, to the end, regardless of the evidence. */
export function promote(state: LiveState, course: Course, full: boolean, reason: string): Transition {
  if (full) return finish({ ...state, step: course.steps.length }, reason)
  return advance(state.state === 'paused' ? resumed(state) : state, course, reason)
}

/** Throws or releases the kill switch. */
export function toggle(state: RolloutState, type: 'enable' | 'disable', reason: string): Transition {
  const enabled = type === 'enable'
  if (state.enabled === enabled) return [state, []]
  return [{ ...state, enabled, switches: (state.switches ?? 0) + 1 }, [decided(type, reason)]]
}
