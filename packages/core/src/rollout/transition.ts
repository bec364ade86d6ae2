import type { Verdict } from '../judging/judge.js'
import { arrive, quietMs } from './arrivals.js'
import type { Course } from './course.js'
import { describeBreach, describePass, describeSilence, describeStall } from './describe.js'
import { decided, type RolloutEvent, type Transition } from './event.js'
import { AFTER_FALL, beside, calm, type HeldLook, hasJustFallen, hold, holdUnseen, raise, tellFall } from './hold.js'
import { advance, atStep, begin, enter, pause, promote, resume, rollBack, toggle } from './moves.js'
import { judged } from './observe.js'
import { isPauseOver } from './pause-end.js'
import { reasonToWait, requirements } from './requirements.js'
import { isSilent, missedRequests } from './silence.js'
import { elapse, isLive, isTerminal, type LiveState, type RolloutState, type RunningState } from './state.js'
import { supersede } from './supersede.js'

/**
 * The state machine of a rollout: returns the next state for an event. The moves are in `moves.ts`.
 *
 * Pure: the event contains the time. Only this function checks minimum time, minimum requests and gates. An analysis of
 * another epoch or step is ignored. A failing verdict and `rollback` take effect in every live state.
 */
export function transition(before: RolloutState, event: RolloutEvent, course: Course): Transition {
  const state = elapse(before, event.sinceMs ?? 0)
  switch (event.type) {
    case 'start':
      return state.state === 'idle' ? begin(state, 1, 'start', event.reason ?? 'started') : [state, []]
    case 'warmed':
      return state.state === 'warming' && state.weight === 0 ? warmed(state, course) : [state, []]
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
      return state.state === 'paused' ? resume(state, event.reason ?? 'resumed') : [state, []]
    case 'promote':
      return isLive(state) && state.enabled
        ? promote(state, course, event.full ?? false, event.reason ?? 'promoted by hand')
        : [state, []]
    case 'rollback':
      if (!isLive(state) && !(state.state === 'promoted' && event.isByOperator === true)) return [state, []]
      return rollBack(state, event.reason ?? 'rolled back by hand')
    case 'retry':
      return isTerminal(state) ? begin(state, event.fromStep ?? 1, 'retry', event.reason ?? 'tried again') : [state, []]
    case 'supersede':
      return isLive(state) ? supersede(state, course, event.reason ?? 'goes on with new options') : [state, []]
    case 'enable':
    case 'disable':
      return toggle(state, event.type, event.reason ?? `${event.type}d by hand`)
  }
}

function warmed(state: RunningState, course: Course): Transition {
  if (course.warmUp.durationMs === 0) return enter(state, state.firstStep, course, 'the canary is warm')
  return [atStep(state, 0, 'warming', course), [decided('advance', 'the canary is warm')]]
}

type Analyzed = Extract<RolloutEvent, { type: 'analyzed' }>

function analyzed(before: RolloutState, event: Analyzed, course: Course): Transition {
  const { verdict, requests, at = 0, sinceMs = 0, isGateOpen = false } = event
  if (!isLive(before) || verdict.epoch !== before.epoch || verdict.step !== before.step) return [before, []]
  const state: LiveState = {
    ...before,
    requests,
    arrivals: arrive(before.arrivals, before.requests, requests, sinceMs, at),
    hasServed: before.hasServed || requests.canary > 0,
    lookMs: event.lookMs ?? sinceMs,
  }
  if (verdict.kind === 'fail' && verdict.response !== 'hold')
    return judged(state, course, fail(state, verdict, course), at)
  const [fallen, falls] = event.hasFallen === true ? tellFall(state, at, course) : [state, []]
  const [told, notes] = beside(fallen, event.note, at, course)
  const { isByKey = false, withoutKey = 0, unserved, unseen } = event
  const look = { verdict, at, isGateOpen, isByKey, withoutKey, unserved, unseen }
  const [next, effects] = looked(before, told, look, course)
  return [next, [...effects, ...falls, ...notes]]
}

interface Look extends HeldLook {
  readonly isGateOpen: boolean
  readonly isByKey: boolean
  readonly unseen: string | undefined
}

function looked(before: LiveState, state: LiveState, look: Look, course: Course): Transition {
  const { verdict, at, isGateOpen } = look
  if (isSilent(before, state, verdict, at, course)) return silent(state, look, course)
  if (hasStalled(state, course)) return judged(state, course, stall(state, at, course), at)
  if (!state.enabled) return hold(state, state.waitingFor, look, course)
  if (state.state === 'paused') {
    return isPauseOver(state, at)
      ? byClock(resume(state, 'the pause is over'))
      : hold(state, state.waitingFor, look, course)
  }
  const waitingFor = reasonToWait(state, { verdict, at, isGateOpen }, course)
  const mayEnd = waitingFor === null || waitingFor === 'gate'
  const unseen = hasJustFallen(state, at) ? AFTER_FALL : look.unseen
  if (mayEnd && unseen !== undefined) return holdUnseen(state, unseen)
  if (waitingFor === 'gate') return waitAtGate(state, look, course)
  if (waitingFor !== null) return hold(state, waitingFor, look, course)
  const next = advance(state, course, describePass(state, verdict))
  return state.step === 0 ? next : judged(state, course, next, at)
}

/** Holds or rolls back a canary that gets no requests while its baseline does, which no judge can count. */
function silent(state: LiveState, { at, isByKey, unserved }: Look, course: Course): Transition {
  const reason = describeSilence(state, Math.floor(missedRequests(state)), quietMs(state.arrivals, at), unserved)
  if (course.onSilence.action === 'rollback' && state.hasServed && !isByKey) {
    return judged(state, course, rollBack(state, reason), at)
  }
  const isWaiting = state.state !== 'paused'
  const [next, alerts] = raise(calm(state, 'no-data'), 'no-data', reason, at, course)
  return [{ ...next, waitingFor: isWaiting ? 'data' : state.waitingFor }, [decided('hold', reason), ...alerts]]
}

function fail(state: LiveState, verdict: Verdict, course: Course): Transition {
  const reason = describeBreach(verdict)
  const mayDemote = verdict.response === 'demote' && !state.demoted && state.step > 0 && course.warmUp.weight > 0
  if (!mayDemote) return rollBack(state, reason)
  const moved: RunningState = { ...atStep(state, 0, 'warming', course), demoted: true, firstStep: 1 }
  const next: LiveState =
    state.state === 'paused' // the judge does not end a pause
      ? { ...moved, state: 'paused', pause: { from: 'warming', untilMs: state.pause.untilMs } }
      : moved
  return [next, [decided('demote', reason), { type: 'alert', about: 'demotion', message: reason }]]
}

const hasStalled = (state: LiveState, { maxDurationMs }: Course): boolean =>
  maxDurationMs !== null && !state.stalled && state.elapsedMs >= maxDurationMs

function stall(before: LiveState, at: number, course: Course): Transition {
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

/** Raises an alert once for a manual gate; asks a gate function at every look. */
function waitAtGate(state: LiveState, look: Look, course: Course): Transition {
  if (requirements(state, course).gate === 'manual') return hold(state, 'gate', look, course)
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

/** Marks the decisions of a transition as made by a time limit. */
const byClock = ([state, effects]: Transition): Transition => [
  state,
  effects.map((effect) => (effect.type === 'decided' ? { ...effect, byClock: true } : effect)),
]
