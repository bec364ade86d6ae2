import type { Verdict } from '../judging/judge.js'
import type { Course } from './course.js'
import { describeHold, describeStall, isBaselineUnserved, type KnownAbsence, PATIENCE_MS } from './describe.js'
import { decided, type Effect, type Transition } from './event.js'
import { isDataMissing } from './silence.js'
import { loseCause, type StandingAlert, seeCause } from './standing-alert.js'
import type { AlertTopic, LiveState, RolloutState, WaitingFor } from './state.js'

/** Raises an alert. If it was raised before and has not ended, it is only repeated when that is due. */
export function raise<State extends RolloutState>(
  state: State,
  about: AlertTopic,
  message: string,
  at: number,
  { repeatMs }: Pick<Course, 'repeatMs'>,
  key: string = about,
): readonly [State, readonly Effect[]] {
  const { standing, said } = seeCause(state.alerts[key], message, at, repeatMs)
  const effects: Effect[] = said === undefined ? [] : [{ type: 'alert', about, message: said }]
  return [{ ...state, alerts: { ...state.alerts, [key]: standing } }, effects]
}

/** The topics whose causes do not depend on what holds the rollout; see `beside`. */
const BESIDE: readonly string[] = ['guardrails', 'stall'] satisfies AlertTopic[]

/** Returns the state in which the causes of all alerts are gone, except those of `but` and of the topics above. */
export function calm<State extends RolloutState>(state: State, but?: string): State {
  const isLost = (key: string): boolean => key !== but && !BESIDE.includes(key)
  const isOn = Object.entries(state.alerts).some(([key, alert]) => isLost(key) && alert.isOn)
  if (!isOn) return state
  const calmed = Object.entries(state.alerts).map(([key, alert]): [string, StandingAlert] => [
    key,
    isLost(key) ? loseCause(alert) : alert,
  ])
  return { ...state, alerts: Object.fromEntries(calmed) }
}

/**
 * Returns the state with the alerts that do not depend on what holds the rollout: about a note, if there is one, and
 * about a stall that was raised before.
 */
export function beside(
  state: LiveState,
  note: string | undefined,
  at: number,
  course: Course,
): readonly [LiveState, readonly Effect[]] {
  const { guardrails, stall } = state.alerts
  const isOver = note === undefined && guardrails?.isOn === true
  const before = isOver ? { ...state, alerts: { ...state.alerts, guardrails: loseCause(guardrails) } } : state
  const [noted, notes] = note === undefined ? [before, []] : raise(before, 'guardrails', note, at, course)
  if (stall === undefined) return [noted, notes]
  const [next, alerts] = raise(noted, 'stall', describeStall(state), at, course)
  return [next, [...notes, ...alerts]]
}

/** The key of the alert that counts fell. */
const FALLEN = 'fallen counts'

/** For how long no step ends after a fall, in milliseconds: counts that keep falling may hide harm between the looks. */
const QUIET_AFTER_FALL_MS = 600_000

/** Returns whether counts have fallen so shortly before that no step may end. */
export const hasJustFallen = ({ alerts }: RolloutState, at: number): boolean =>
  at - (alerts[FALLEN]?.lastAt ?? Number.NEGATIVE_INFINITY) < QUIET_AFTER_FALL_MS

/** Why a step is held after counts have fallen. */
export const AFTER_FALL = 'the counts of the source fell: the step goes on after 10 min without a fall'

/** Holds a step that would end, because a part of what it has to show is not seen. */
export const holdUnseen = (state: LiveState, reason: string): Transition => [
  { ...calm(state), waitingFor: 'evidence' },
  [decided('hold', reason)],
]

/** Returns the state with the alert that the counts of a source fell. Its cause has passed with the next look. */
export const tellFall = (state: LiveState, at: number, course: Course): readonly [LiveState, readonly Effect[]] =>
  raise(
    state,
    'source',
    'the counts of the source fell, as if those of a replica had expired; requests since the last look are not counted, and no step ends for 10 min',
    at,
    course,
    FALLEN,
  )

/** What a look that holds the rollout has seen. */
export interface HeldLook extends KnownAbsence {
  readonly verdict: Verdict
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
}

/** Holds the step, and raises the alert about it if it is new or due again. */
export function hold(before: LiveState, waitingFor: WaitingFor | null, look: HeldLook, course: Course): Transition {
  const { verdict, at } = look
  const state = { ...before, waitingFor }
  const reason = describeHold(state, waitingFor, verdict, look)
  const topic = alertTopic(state, waitingFor, look, course)
  const decision = decided('hold', reason)
  if (topic === null) return [calm(state), [decision]]
  const message = topic === 'gate' ? reason : (verdict.warning ?? reason)
  const [next, alerts] = raise(calm(state, topic), topic, message, at, course)
  return [next, [decision, ...alerts]]
}

function alertTopic(
  state: RolloutState,
  waitingFor: WaitingFor | null,
  look: HeldLook,
  course: Course,
): AlertTopic | null {
  const { verdict, at } = look
  if (verdict.kind === 'error') return 'source'
  if (verdict.kind === 'fail') return 'hold'
  if (verdict.message !== undefined) return verdict.about ?? 'split'
  const isStopped = state.state === 'paused' || !state.enabled
  if (waitingFor === 'gate' && !isStopped) return 'gate' // a person has to open it
  if (verdict.warning !== undefined) return verdict.about ?? 'split'
  if (isStopped) return null
  if (isBaselineUnserved(state, waitingFor, look)) return state.elapsedInStepMs < PATIENCE_MS ? null : 'no-data'
  return waitingFor === 'data' && isDataMissing(state, at, course) ? 'no-data' : null
}
