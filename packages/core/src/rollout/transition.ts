import type { Verdict } from '../judging/judge.js'
import { arrive, nextStep, quietMs } from './arrivals.js'
import { describeBreach, describePass, describeSilence, describeStall } from './describe.js'
import type { Action, Effect, RolloutEvent, Transition } from './event.js'
import { beside, calm, hold, raise } from './hold.js'
import { judged } from './observe.js'
import { isPauseOver, laterEnd } from './pause-end.js'
import { type Course, weightOf } from './plan.js'
import { reasonToWait, requirements } from './requirements.js'
import { isSilent, missedRequests } from './silence.js'
import { completed, elapse, idleState, isLive, isTerminal, type PausableStatus, type RolloutState } from './state.js'

/**
 * The rollout's state machine: the one place where a state follows from another.
 *
 * Pure: time arrives in the event. It alone owns minimum time, minimum requests and gates; it drops
 * an analysis of another epoch or step; a failing verdict and `rollback` act in every live state.
 */
export function transition(before: RolloutState, event: RolloutEvent, course: Course): Transition {
  const state = elapse(completed(before), event.sinceMs ?? 0)
  switch (event.type) {
    case 'start':
      return state.status === 'idle' ? begin(state, 1, 'start', event.reason ?? 'started') : [state, []]
    case 'warmed':
      return state.status === 'warming' && state.weight === 0 ? warmed(state, course) : [state, []]
    case 'analyzed':
      return analyzed(state, event, course)
    case 'gate':
      return answered(state, event, course)
    case 'tripped':
      if (!isLive(state) || event.epoch !== state.epoch) return [state, []]
      return judged(state, course, rollBack(state, event.reason ?? 'the tripwire was touched'), event.at ?? 0)
    case 'pause':
      return isLive(state) ? pause(state, event.untilMs ?? null, event.reason ?? 'paused') : [state, []]
    case 'resume':
      return state.status === 'paused' ? resume(state, event.reason ?? 'resumed') : [state, []]
    case 'promote':
      return isLive(state) && state.enabled
        ? promote(state, course, event.full ?? false, event.reason ?? 'promoted by hand')
        : [state, []]
    case 'rollback':
      if (!isLive(state) && !(state.status === 'promoted' && event.isByOperator === true)) return [state, []]
      return rollBack(state, event.reason ?? 'rolled back by hand')
    case 'retry':
      return isTerminal(state) ? begin(state, event.fromStep ?? 1, 'retry', event.reason ?? 'tried again') : [state, []]
    case 'enable':
    case 'disable':
      return toggle(state, event.type, event.reason ?? `${event.type}d by hand`)
  }
}

function begin(state: RolloutState, firstStep: number, action: 'start' | 'retry', reason: string): Transition {
  const next: RolloutState = {
    ...idleState,
    status: 'warming',
    epoch: state.epoch + 1,
    firstStep,
    enabled: state.enabled,
    waitingFor: 'data',
  }
  return [next, [decided(action, reason), { type: 'warm-up' }]]
}

function warmed(state: RolloutState, course: Course): Transition {
  if (course.warmUp.durationMs === 0) return enter(state, state.firstStep, course, 'the canary is warm')
  return [{ ...atStep(state, 0, course), status: 'warming' }, [decided('advance', 'the canary is warm')]]
}

type Analyzed = Extract<RolloutEvent, { type: 'analyzed' }>

function analyzed(before: RolloutState, event: Analyzed, course: Course): Transition {
  const { verdict, requests, at = 0, sinceMs = 0, isGateOpen = false } = event
  if (!isLive(before) || verdict.epoch !== before.epoch || verdict.step !== before.step) return [before, []]
  const state: RolloutState = {
    ...before,
    requests,
    arrivals: arrive(before.arrivals, before.requests, requests, sinceMs, at),
    hasServed: before.hasServed || requests.canary > 0,
    lookMs: event.lookMs ?? sinceMs,
  }
  if (verdict.kind === 'fail' && verdict.response !== 'hold')
    return judged(state, course, fail(state, verdict, course), at)
  const [told, notes] = beside(state, event.note, at, course)
  const [next, effects] = looked(before, told, { verdict, at, isGateOpen, isByKey: event.isByKey ?? false }, course)
  return [next, [...effects, ...notes]]
}

interface Look {
  readonly verdict: Verdict
  readonly at: number
  readonly isGateOpen: boolean
  readonly isByKey: boolean
}

function looked(before: RolloutState, state: RolloutState, look: Look, course: Course): Transition {
  const { verdict, at, isGateOpen } = look
  if (isSilent(before, state, verdict, at, course)) return silent(state, look, course)
  if (hasStalled(state, course)) return judged(state, course, stall(state, at, course), at)
  if (!state.enabled) return hold(state, state.waitingFor, verdict, at, course)
  if (state.status === 'paused') {
    return isPauseOver(state, at)
      ? byClock(resume(state, 'the pause is over'))
      : hold(state, state.waitingFor, verdict, at, course)
  }
  const waitingFor = reasonToWait(state, { verdict, at, isGateOpen }, course)
  if (waitingFor === 'gate') return waitAtGate(state, look, course)
  if (waitingFor !== null) return hold(state, waitingFor, verdict, at, course)
  const next = advance(state, course, describePass(state, verdict))
  return state.step === 0 ? next : judged(state, course, next, at)
}

/** The canary serves nobody while its baseline does: nothing that a judge could count. */
function silent(state: RolloutState, { at, isByKey }: Look, course: Course): Transition {
  const reason = describeSilence(state, Math.floor(missedRequests(state)), quietMs(state.arrivals, at))
  if (course.onSilence.action === 'rollback' && state.hasServed && !isByKey) {
    return judged(state, course, rollBack(state, reason), at)
  }
  const isWaiting = state.status !== 'paused'
  const [next, alerts] = raise(calm(state, 'no-data'), 'no-data', reason, at, course)
  return [{ ...next, waitingFor: isWaiting ? 'data' : state.waitingFor }, [decided('hold', reason), ...alerts]]
}

function advance(state: RolloutState, course: Course, reason: string): Transition {
  if (state.status === 'baking') return finish(state, reason)
  return enter(state, state.step === 0 ? state.firstStep : state.step + 1, course, reason)
}

function enter(state: RolloutState, step: number, course: Course, reason: string): Transition {
  const isLast = step === course.steps.length
  const isJudged = state.step > 0 // the warm-up alone is no reason to promote
  if (isLast && isJudged && course.bake.durationMs === 0) return finish(atStep(state, step, course), reason)
  const next: RolloutState = { ...atStep(state, step, course), status: isLast ? 'baking' : 'progressing' }
  return [next, [decided('advance', reason)]]
}

function finish(state: RolloutState, reason: string): Transition {
  const next: RolloutState = { ...state, status: 'promoted', weight: 100, waitingFor: null, pause: null, reason }
  return [next, [decided('promote', reason)]]
}

function atStep(state: RolloutState, step: number, course: Course): RolloutState {
  return {
    ...state,
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

function rollBack(state: RolloutState, reason: string): Transition {
  const next: RolloutState = {
    ...state,
    status: 'rolled-back',
    weight: 0,
    waitingFor: null,
    pause: null,
    reason,
  }
  return [next, [decided('rollback', reason)]]
}

function fail(state: RolloutState, verdict: Verdict, course: Course): Transition {
  const reason = describeBreach(verdict)
  const mayDemote = verdict.response === 'demote' && !state.demoted && state.step > 0 && course.warmUp.weight > 0
  if (!mayDemote) return rollBack(state, reason)
  const moved: RolloutState = { ...atStep(state, 0, course), status: 'warming', demoted: true, firstStep: 1 }
  const isPaused = state.pause !== null // a person's pause outlasts the judge's decision
  const next: RolloutState = isPaused
    ? { ...moved, status: 'paused', pause: { from: 'warming', untilMs: state.pause.untilMs } }
    : moved
  return [next, [decided('demote', reason), { type: 'alert', about: 'demotion', message: reason }]]
}

const hasStalled = (state: RolloutState, { maxDurationMs }: Course): boolean =>
  maxDurationMs !== null && !state.stalled && state.elapsedMs >= maxDurationMs

function stall(before: RolloutState, at: number, course: Course): Transition {
  const message = describeStall(before)
  const [state, alerts] = raise({ ...before, stalled: true }, 'stall', message, at, course)
  const [next, effects] =
    course.onStall === 'rollback'
      ? rollBack(state, message)
      : course.onStall === 'pause'
        ? pause(state, null, message)
        : ([state, [decided('hold', message)]] as const)
  return byClock([next, [...effects, ...alerts]])
}

/** A pause is never shortened by another one: the later end counts, and one without an end most of all. */
function pause(state: RolloutState, until: number | null, reason: string): Transition {
  const from = state.pause?.from ?? (state.status as PausableStatus)
  const untilMs = state.pause === null || until === null ? until : laterEnd(state.pause.untilMs, until)
  return [{ ...state, status: 'paused', pause: { from, untilMs } }, [decided('pause', reason)]]
}

function resume(state: RolloutState, reason: string): Transition {
  return [{ ...state, status: state.pause!.from, pause: null }, [decided('resume', reason)]]
}

function promote(state: RolloutState, course: Course, full: boolean, reason: string): Transition {
  if (full) return finish({ ...state, step: course.steps.length }, reason)
  const from = state.pause === null ? state : { ...state, status: state.pause.from, pause: null }
  return advance(from, course, reason)
}

function toggle(state: RolloutState, type: 'enable' | 'disable', reason: string): Transition {
  const enabled = type === 'enable'
  return state.enabled === enabled ? [state, []] : [{ ...state, enabled }, [decided(type, reason)]]
}

/** A person is told once that the gate waits; a function is asked at every look. */
function waitAtGate(state: RolloutState, { verdict, at }: Look, course: Course): Transition {
  if (requirements(state, course).gate === 'manual') return hold(state, 'gate', verdict, at, course)
  const { epoch, step } = state
  return [
    { ...calm(state, 'gate'), waitingFor: 'gate' },
    [decided('hold', `asking the gate of step ${step}`), { type: 'ask-gate', epoch, step }],
  ]
}

function answered(state: RolloutState, event: Extract<RolloutEvent, { type: 'gate' }>, course: Course): Transition {
  if (!isLive(state) || event.epoch !== state.epoch || event.step !== state.step) return [state, []]
  const reason = event.reason ?? `the gate of step ${state.step} ${event.open ? 'opened' : 'said no'}`
  if (event.open) return [state, [decided('hold', reason)]]
  const [next, alerts] = raise(state, 'gate', reason, event.at ?? 0, course)
  return [next, [decided('hold', reason), ...alerts]]
}

/** The same, decided by time that has passed. */
const byClock = ([state, effects]: Transition): Transition => [
  state,
  effects.map((effect) => (effect.type === 'decided' ? { ...effect, byClock: true } : effect)),
]

const decided = (action: Action, reason: string): Effect => ({ type: 'decided', action, applied: true, reason })
