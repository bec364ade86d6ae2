import type { ByVariant } from '../foundation/vocabulary.js'
import type { Phase } from '../judging/judge.js'
import { type Arrivals, noArrivals } from './arrivals.js'
import type { StandingAlert } from './standing-alert.js'

/** The name of every state, in the order of a rollout's life. The last two are terminal. */
export const ROLLOUT_STATES = ['idle', 'warming', 'progressing', 'paused', 'baking', 'promoted', 'rolled-back'] as const

/** Where a rollout stands. */
export type RolloutStateName = (typeof ROLLOUT_STATES)[number]

/** Everything that can keep a rollout in its step. */
export const WAITS = ['time', 'requests', 'evidence', 'gate', 'data'] as const

/** What keeps a rollout in its step. */
export type WaitingFor = (typeof WAITS)[number]

/** What an alert is about. */
export type AlertTopic =
  | 'hold'
  | 'split'
  | 'outage'
  | 'no-data'
  | 'source'
  | 'gate'
  | 'stall'
  | 'demotion'
  | 'guardrails'

/** The states that a pause interrupts. */
export type PausableState = 'warming' | 'progressing' | 'baking'

/** The fields of every state. Plain JSON. It has elapsed times instead of deadlines, except for the end of a pause. */
export interface AnyState {
  /** The number of the epoch; 0 before the first start. */
  readonly epoch: number
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** The number of this stay in a step, from 1 in each epoch; 0 before the first start. */
  readonly visit: number
  /** The canary's share, in percent. */
  readonly weight: number
  /** The kill switch: while false, every request goes to the baseline. */
  readonly enabled: boolean
  /** How often the kill switch was set or released; left out if never. Of two states, the higher number is valid. */
  readonly switches?: number
  /** Time spent in this step, pauses not counted, in milliseconds. */
  readonly elapsedInStepMs: number
  /** Time spent in this epoch, pauses not counted, in milliseconds. */
  readonly elapsedMs: number
  /** Finished requests of each arm in this step. */
  readonly requests: ByVariant<number>
  /** The step that follows the warm-up: 1, or what `retry({ fromStep })` asked for. */
  readonly firstStep: number
  /** True once the canary was sent back into the warm-up. That happens once. */
  readonly demoted: boolean
  /** The alerts that have not ended, by topic, so that they are not raised at every look. */
  readonly alerts: Readonly<Record<string, StandingAlert>>
  /** When the canary's requests of this step were seen. */
  readonly arrivals: Arrivals
  /** Whether a request of the canary was finished in this epoch. */
  readonly hasServed: boolean
  /** Time between the latest two looks, in milliseconds. */
  readonly lookMs: number
  /** True once the stall was reported. */
  readonly stalled: boolean
}

/** The state before the first start. */
export interface IdleState extends AnyState {
  /** The rollout was never started. */
  readonly state: 'idle'
  /** An idle rollout waits for nothing. */
  readonly waitingFor: null
  /** An idle rollout has no pause. */
  readonly pause: null
  /** An idle rollout has not ended. */
  readonly reason: null
}

/** The states in which the canary has a share or is about to get one. */
export interface RunningState extends AnyState {
  /** Which part of the rollout is running. */
  readonly state: PausableState
  /** What the next step waits for; `null` if it waits for nothing. */
  readonly waitingFor: WaitingFor | null
  /** A running rollout has no pause. */
  readonly pause: null
  /** A running rollout has not ended. */
  readonly reason: null
}

/** The state in which the weight is held until the end of a pause. */
export interface PausedState extends AnyState {
  /** The weight is held. */
  readonly state: 'paused'
  /** What the rollout waited for when it was paused; `null` if it waited for nothing. */
  readonly waitingFor: WaitingFor | null
  /** What was interrupted, and until when. */
  readonly pause: Pause
  /** A paused rollout has not ended. */
  readonly reason: null
}

/** The states after the end: the canary serves all requests, or none. */
export interface EndedState extends AnyState {
  /** How the rollout ended. */
  readonly state: 'promoted' | 'rolled-back'
  /** An ended rollout waits for nothing. */
  readonly waitingFor: null
  /** An ended rollout has no pause. */
  readonly pause: null
  /** Why it ended. */
  readonly reason: string
}

/** What a pause interrupted, and when it ends, as wall time in milliseconds since 1970 (`null`: with `resume`). */
export interface Pause {
  /** The state that the pause interrupted. */
  readonly from: PausableState
  /** When the pause ends, as wall time in milliseconds since 1970; `null` until `resume()`. */
  readonly untilMs: number | null
}

/** The states of a rollout that has started and not ended. A paused or baking canary can still fail. */
export type LiveState = RunningState | PausedState

/** The state of a rollout. Only a paused one has a pause, only an ended one a reason, and only a live one can wait. */
export type RolloutState = IdleState | LiveState | EndedState

/** The state of a rollout that was never started. */
export const idleState: IdleState = /* @__PURE__ */ Object.freeze({
  state: 'idle',
  epoch: 0,
  step: 0,
  visit: 0,
  weight: 0,
  enabled: true,
  elapsedInStepMs: 0,
  elapsedMs: 0,
  waitingFor: null,
  requests: { baseline: 0, canary: 0 },
  pause: null,
  firstStep: 1,
  demoted: false,
  alerts: {},
  arrivals: noArrivals,
  hasServed: false,
  lookMs: 0,
  stalled: false,
  reason: null,
})

/** Returns the kill switch of a state, which outlives an epoch. */
export const switchOf = ({ enabled, switches }: RolloutState): Pick<RolloutState, 'enabled' | 'switches'> =>
  switches === undefined ? { enabled } : { enabled, switches }

/** Returns whether a rollout has ended. Only `retry` continues it, in a new epoch. */
export const isTerminal = (state: RolloutState): state is EndedState =>
  state.state === 'promoted' || state.state === 'rolled-back'

/** Returns whether a rollout has started and not ended. A paused or baking canary can still fail. */
export const isLive = (state: RolloutState): state is LiveState => state.state !== 'idle' && !isTerminal(state)

/**
 * Compares two states by epoch; within an epoch, a rollback is later than everything else. Returns a positive number if
 * `a` is later.
 */
export const compareStates = (a: Place, b: Place): number =>
  a.epoch - b.epoch || Number(isRolledBack(a)) - Number(isRolledBack(b))

type Place = Pick<RolloutState, 'state' | 'epoch'>

const isRolledBack = ({ state }: Place): boolean => state === 'rolled-back'

/** Returns the share that should be in force, in percent: 0 while the rollout is switched off. */
export const shareOf = ({ enabled, weight }: RolloutState): number => (enabled ? weight : 0)

/** Returns whether a change within an epoch reduces the share: it takes effect immediately and is written later. */
export function isReduction(before: RolloutState, after: RolloutState): boolean {
  if (after.epoch !== before.epoch) return false
  const isRollback = after.state === 'rolled-back' && before.state !== 'rolled-back'
  return isRollback || shareOf(after) < shareOf(before)
}

/** Returns the state `sinceMs` later. Time passes only in live states that are neither paused nor switched off. */
export function elapse(state: RolloutState, sinceMs: number): RolloutState {
  if (!(sinceMs > 0) || !isLive(state) || !state.enabled || state.state === 'paused') return state
  return { ...state, elapsedInStepMs: state.elapsedInStepMs + sinceMs, elapsedMs: state.elapsedMs + sinceMs }
}

/** Returns the phase that the judge has to consider in this state. */
export function phaseOf(state: RolloutState): Phase {
  const watched = state.state === 'paused' ? state.pause.from : state.state
  if (watched === 'warming') return 'warm-up'
  return watched === 'baking' ? 'bake' : 'step'
}
