import type { Verdict } from '../analysis/judge.js'
import { describeBreach, describeHold, describePass } from './describe.js'
import type { Action, Effect, RolloutEvent, Transition } from './event.js'
import { type Course, weightOf } from './plan.js'
import { reasonToWait, requirements } from './requirements.js'
import {
  type AlertTopic,
  elapse,
  idleState,
  isLive,
  isTerminal,
  type PausableStatus,
  type RolloutState,
  type WaitingFor,
} from './state.js'

/**
 * The rollout's state machine: the one place where a state follows from another.
 *
 * Pure: time arrives in the event. It alone owns minimum time, minimum requests and gates; it drops
 * an analysis of another epoch or step; a failing verdict and `rollback` act in every live state.
 */
export function transition(before: RolloutState, event: RolloutEvent, course: Course): Transition {
  const state = elapse(before, event.sinceMs ?? 0)
  switch (event.type) {
    case 'start':
      return state.status === 'idle' ? begin(state, 1, 'start', event.reason ?? 'started') : [state, []]
    case 'warmed':
      return state.status === 'warming' && state.weight === 0 ? warmed(state, course) : [state, []]
    case 'analyzed':
      return analyzed(state, event, course)
    case 'gate':
      return answered(state, event)
    case 'tripped':
      if (!isLive(state) || event.epoch !== state.epoch) return [state, []]
      return judged(state, course, rollBack(state, event.reason ?? 'the tripwire was touched'))
    case 'pause':
      return isLive(state) ? pause(state, event.forMs ?? null, event.reason ?? 'paused') : [state, []]
    case 'resume':
      return state.status === 'paused' ? resume(state, event.reason ?? 'resumed') : [state, []]
    case 'promote':
      return isLive(state)
        ? promote(state, course, event.full ?? false, event.reason ?? 'promoted by hand')
        : [state, []]
    case 'rollback':
      return isLive(state) ? rollBack(state, event.reason ?? 'rolled back by hand') : [state, []]
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

function analyzed(before: RolloutState, { verdict, requests }: Analyzed, course: Course): Transition {
  if (!isLive(before) || verdict.epoch !== before.epoch || verdict.step !== before.step) return [before, []]
  const state = { ...before, requests }
  if (verdict.kind === 'fail' && verdict.response !== 'hold') return judged(state, course, fail(state, verdict, course))
  if (hasStalled(state, course)) return judged(state, course, stall(state, course))
  if (!state.enabled) return hold(state, state.waitingFor, verdict)
  if (state.status === 'paused') {
    return state.pause?.leftMs === 0
      ? byClock(resume(state, 'the pause is over'))
      : hold(state, state.waitingFor, verdict)
  }
  const waitingFor = reasonToWait(state, verdict, course)
  if (waitingFor === 'gate') return waitAtGate(state, verdict, course)
  if (waitingFor !== null) return hold(state, waitingFor, verdict)
  const next = advance(state, course, describePass(state, verdict))
  return state.step === 0 ? next : judged(state, course, next)
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
    gate: 'closed',
    pause: null,
    alert: null,
  }
}

function rollBack(state: RolloutState, reason: string): Transition {
  const next: RolloutState = {
    ...state,
    status: 'rolled-back',
    weight: 0,
    waitingFor: null,
    pause: null,
    gate: 'closed',
    reason,
  }
  return [next, [decided('rollback', reason)]]
}

function fail(state: RolloutState, verdict: Verdict, course: Course): Transition {
  const reason = describeBreach(verdict)
  const mayDemote = verdict.response === 'demote' && !state.demoted && state.step > 0 && course.warmUp.weight > 0
  if (!mayDemote) return rollBack(state, reason)
  const next: RolloutState = { ...atStep(state, 0, course), status: 'warming', demoted: true, firstStep: 1 }
  return [next, [decided('demote', reason), { type: 'alert', about: 'demotion', message: reason }]]
}

const hasStalled = (state: RolloutState, { maxDurationMs }: Course): boolean =>
  maxDurationMs !== null && !state.stalled && state.elapsedMs >= maxDurationMs

function stall(before: RolloutState, course: Course): Transition {
  const state = { ...before, stalled: true }
  const message = `not promoted after ${Math.round(state.elapsedMs / 1_000)} s, waiting for ${state.waitingFor ?? 'nothing'}`
  const alert: Effect = { type: 'alert', about: 'stall', message }
  const [next, effects] =
    course.onStall === 'rollback'
      ? rollBack(state, message)
      : course.onStall === 'pause'
        ? pause(state, null, message)
        : ([state, [decided('hold', message)]] as const)
  return byClock([next, [...effects, alert]])
}

function pause(state: RolloutState, leftMs: number | null, reason: string): Transition {
  const from = state.pause?.from ?? (state.status as PausableStatus)
  return [{ ...state, status: 'paused', pause: { from, leftMs } }, [decided('pause', reason)]]
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
function waitAtGate(state: RolloutState, verdict: Verdict, course: Course): Transition {
  if (requirements(state, course).gate === 'manual') return hold(state, 'gate', verdict)
  const { epoch, step } = state
  const alert = state.alert === 'gate' ? 'gate' : null
  return [
    { ...state, waitingFor: 'gate', alert },
    [decided('hold', `asking the gate of step ${step}`), { type: 'ask-gate', epoch, step }],
  ]
}

function answered(state: RolloutState, event: Extract<RolloutEvent, { type: 'gate' }>): Transition {
  if (!isLive(state) || event.epoch !== state.epoch || event.step !== state.step) return [state, []]
  const reason = event.reason ?? `the gate of step ${state.step} ${event.open ? 'opened' : 'said no'}`
  if (event.open) return [{ ...state, gate: 'open' }, [decided('hold', reason)]]
  const effects: Effect[] = [decided('hold', reason)]
  if (state.alert !== 'gate') effects.push({ type: 'alert', about: 'gate', message: reason })
  return [{ ...state, gate: 'closed', alert: 'gate' }, effects]
}

/** Stays where it is; an alert goes out when its topic is a new one, not at every look. */
function hold(state: RolloutState, waitingFor: WaitingFor | null, verdict: Verdict): Transition {
  const reason = describeHold(state, waitingFor, verdict)
  const alert = alertTopic(state, waitingFor, verdict)
  const effects: Effect[] = [decided('hold', reason)]
  const message = alert === 'gate' ? reason : (verdict.warning ?? reason)
  if (alert !== null && alert !== state.alert) effects.push({ type: 'alert', about: alert, message })
  return [{ ...state, waitingFor, alert }, effects]
}

function alertTopic(state: RolloutState, waitingFor: WaitingFor | null, verdict: Verdict): AlertTopic | null {
  if (verdict.kind === 'error') return 'source'
  if (verdict.kind === 'fail') return 'hold'
  if (verdict.message !== undefined) return verdict.about ?? 'split'
  const isStopped = state.status === 'paused' || !state.enabled
  if (waitingFor === 'gate' && !isStopped) return 'gate' // a person has to open it, whatever else is to be said
  if (verdict.warning !== undefined) return verdict.about ?? 'split'
  if (isStopped) return null
  return waitingFor === 'data' ? 'no-data' : null
}

/** What a judgement asks for; in mode `observe` it is only said, and a rollback is an alert. */
function judged(state: RolloutState, { mode }: Course, outcome: Transition): Transition {
  if (mode === 'enforce') return outcome
  const [{ stalled }, effects] = outcome
  const said = effects.flatMap((effect): Effect[] => (effect.type === 'decided' ? [{ ...effect, applied: false }] : []))
  const alert = effects.find((effect) => effect.type === 'alert') ?? said.map(observedAlert).find((found) => found)
  const topic = alert?.about ?? null
  const isNews = alert !== undefined && alert.about !== state.alert
  return [{ ...state, stalled, alert: topic, waitingFor: null }, isNews ? [...said, alert] : said]
}

/** A rollback that is not made is for a person to hear of. */
function observedAlert(effect: Effect): Extract<Effect, { type: 'alert' }> | undefined {
  if (effect.type !== 'decided' || effect.action !== 'rollback') return undefined
  return { type: 'alert', about: 'hold', message: `not rolled back, the mode is observe: ${effect.reason}` }
}

/** The same, decided by time that has passed. */
const byClock = ([state, effects]: Transition): Transition => [
  state,
  effects.map((effect) => (effect.type === 'decided' ? { ...effect, byClock: true } : effect)),
]

const decided = (action: Action, reason: string): Effect => ({ type: 'decided', action, applied: true, reason })
