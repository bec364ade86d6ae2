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

/** What every state says. Plain JSON: durations that have passed, and no deadline but the end of a pause. */
export interface AnyState {
  /** Counts the lives of a rollout; 0 before the first start. */
  readonly epoch: number
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** The canary's share, in percent. */
  readonly weight: number
  /** The kill switch: while false every request goes to the baseline. */
  readonly enabled: boolean
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
  /** The alerts that stand, by topic, so that each is raised once and not at every look. */
  readonly alerts: Readonly<Record<string, StandingAlert>>
  /** How the canary's requests came in this step. */
  readonly arrivals: Arrivals
  /** Whether a request of the canary was finished in this epoch. */
  readonly hasServed: boolean
  /** Time between the latest two looks, in milliseconds. */
  readonly lookMs: number
  /** True once the stall was reported. */
  readonly stalled: boolean
}

/** Nobody has started the rollout. */
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

/** The canary has a share, or is about to get one. */
export interface RunningState extends AnyState {
  /** Which part of the rollout is running. */
  readonly state: PausableState
  /** What the next step waits for; `null` where it waits for nothing. */
  readonly waitingFor: WaitingFor | null
  /** A running rollout has no pause. */
  readonly pause: null
  /** A running rollout has not ended. */
  readonly reason: null
}

/** The weight is held until the end of a pause. */
export interface PausedState extends AnyState {
  /** The weight is held. */
  readonly state: 'paused'
  /** What the rollout waited for when it was paused; `null` where it waited for nothing. */
  readonly waitingFor: WaitingFor | null
  /** What was interrupted, and until when. */
  readonly pause: Pause
  /** A paused rollout has not ended. */
  readonly reason: null
}

/** The rollout has ended: the canary serves everybody, or nobody. */
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

/** A rollout under way: a paused or baking canary can still fail. */
export type LiveState = RunningState | PausedState

/** The whole of a rollout. Only a paused one has a pause, only an ended one a reason, and only a live one waits for something. */
export type RolloutState = IdleState | LiveState | EndedState

/** A rollout that nobody has started. */
export const idleState: IdleState = /* @__PURE__ */ Object.freeze({
  state: 'idle',
  epoch: 0,
  step: 0,
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

/** A state with every field: one that an earlier release stored lacks what came later. */
export const completed = (state: RolloutState): RolloutState =>
  state.alerts === undefined ? ({ ...idleState, ...state } as RolloutState) : state

/** Terminal states are terminal: only `retry`, an explicit verb and a new epoch, leads out. */
export const isTerminal = (state: RolloutState): state is EndedState =>
  state.state === 'promoted' || state.state === 'rolled-back'

/** Live is every state that is neither idle nor terminal: a paused or baking canary can still fail. */
export const isLive = (state: RolloutState): state is LiveState => state.state !== 'idle' && !isTerminal(state)

/** The share that is to be in force, in percent: none while the rollout is switched off. */
export const shareOf = ({ enabled, weight }: RolloutState): number => (enabled ? weight : 0)

/** Whether a change within one epoch takes canary away: that acts at once and is written later. */
export function isReduction(before: RolloutState, after: RolloutState): boolean {
  if (after.epoch !== before.epoch) return false
  const isRollback = after.state === 'rolled-back' && before.state !== 'rolled-back'
  return isRollback || shareOf(after) < shareOf(before)
}

/** The same state a while later. Time passes only in live states that are neither paused nor switched off. */
export function elapse(state: RolloutState, sinceMs: number): RolloutState {
  if (!(sinceMs > 0) || !isLive(state) || !state.enabled || state.state === 'paused') return state
  return { ...state, elapsedInStepMs: state.elapsedInStepMs + sinceMs, elapsedMs: state.elapsedMs + sinceMs }
}

/** What the judge is to look at in this state. */
export function phaseOf(state: RolloutState): Phase {
  const watched = state.state === 'paused' ? state.pause.from : state.state
  if (watched === 'warming') return 'warm-up'
  return watched === 'baking' ? 'bake' : 'step'
}
