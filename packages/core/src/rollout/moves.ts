import { nextStep } from './arrivals.js'
import { type Course, weightOf } from './course.js'
import type { Action, Effect, Transition } from './event.js'
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
} from './state.js'

/** A new epoch begins: this process is to warm its canary. */
export function begin(state: RolloutState, firstStep: number, action: 'start' | 'retry', reason: string): Transition {
  const next: RunningState = {
    ...idleState,
    state: 'warming',
    epoch: state.epoch + 1,
    firstStep,
    enabled: state.enabled,
    waitingFor: 'data',
  }
  return [next, [decided(action, reason), { type: 'warm-up' }]]
}

/** Enters a step of the plan; the last one bakes, or is the end if baking takes no time. */
export function enter(state: LiveState, step: number, course: Course, reason: string): Transition {
  const isLast = step === course.steps.length
  const isJudged = state.step > 0 // the warm-up alone is no reason to promote
  const next = atStep(state, step, isLast ? 'baking' : 'progressing', course)
  if (isLast && isJudged && course.bake.durationMs === 0) return finish(next, reason)
  return [next, [decided('advance', reason)]]
}

/** Goes one step on. */
export function advance(state: LiveState, course: Course, reason: string): Transition {
  if (state.state === 'baking') return finish(state, reason)
  return enter(state, state.step === 0 ? state.firstStep : state.step + 1, course, reason)
}

/** The canary serves everybody from now on: the end of this epoch. */
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
    weight: weightOf(course, step),
    elapsedInStepMs: 0,
    waitingFor: 'data',
    requests: { baseline: 0, canary: 0 },
    pause: null,
    arrivals: nextStep(state.arrivals, state.requests),
    alerts: withoutGate(calm(state).alerts),
  }
}

/** Every gate is for a person to hear of; whatever else stands goes on standing. */
const withoutGate = ({ gate: _, ...alerts }: RolloutState['alerts']): RolloutState['alerts'] => alerts

/** Sends everybody to the baseline: the end of this epoch. */
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

/** A pause is never shortened by another one: the later end counts, and one without an end most of all. */
export function pause(state: LiveState, until: number | null, reason: string): Transition {
  const before = state.state === 'paused' ? state.pause : { from: state.state, untilMs: until }
  const untilMs = until === null ? until : laterEnd(before.untilMs, until)
  return [{ ...state, state: 'paused', pause: { from: before.from, untilMs } }, [decided('pause', reason)]]
}

/** Returns the state that a pause interrupted. */
const resumed = (state: PausedState): RunningState => ({ ...state, state: state.pause.from, pause: null })

/** Goes on where the pause began. */
export const resume = (state: PausedState, reason: string): Transition => [resumed(state), [decided('resume', reason)]]

/** Goes one step on whatever the evidence, or to the end. */
export function promote(state: LiveState, course: Course, full: boolean, reason: string): Transition {
  if (full) return finish({ ...state, step: course.steps.length }, reason)
  return advance(state.state === 'paused' ? resumed(state) : state, course, reason)
}

/** Throws the kill switch, or takes it back. */
export function toggle(state: RolloutState, type: 'enable' | 'disable', reason: string): Transition {
  const enabled = type === 'enable'
  return state.enabled === enabled ? [state, []] : [{ ...state, enabled }, [decided(type, reason)]]
}

/** Returns the effect of a decision that is applied. */
export const decided = (action: Action, reason: string): Effect => ({ type: 'decided', action, applied: true, reason })
