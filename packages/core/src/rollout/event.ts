import type { ByVariant } from '../foundation/vocabulary.js'
import type { Verdict } from '../judging/judge.js'
import type { AlertTopic, RolloutState } from './state.js'

/** The events of a rollout, with their times. */
export type RolloutEvent = {
  /** The monotonic time since the event before, in milliseconds. */
  readonly sinceMs?: number
  /** Wall time, in milliseconds since 1970. */
  readonly at?: number
  readonly reason?: string
} & (
  | { readonly type: 'start' | 'warmed' | 'resume' | 'enable' | 'disable' | 'supersede' }
  /** Only an operator can roll back a promoted rollout. */
  | { readonly type: 'rollback'; readonly isByOperator?: boolean }
  /** `isGateOpen` is true if the gate of this step has just opened. */
  | {
      readonly type: 'analyzed'
      readonly verdict: Verdict
      readonly requests: ByVariant<number>
      readonly isGateOpen?: boolean
      /** Time since the look before, in milliseconds, regardless of events in between. @default sinceMs */
      readonly lookMs?: number
      /** True if users are split instead of requests, so that a share without requests can be normal. */
      readonly isByKey?: boolean
      /** Requests of this step without a usable key, as this process counts them. */
      readonly withoutKey?: number
      /** Why a version has finished no request of this step, where the counts show it. */
      readonly unserved?: string | undefined
      /** A sentence about the rollout for a single alert. */
      readonly note?: string
      /** Why no step may end, although the verdict lets it. */
      readonly unseen?: string
      /** True if the counts of the source fell, so that requests since the look before are not counted. */
      readonly hasFallen?: boolean
    }
  /** The answer of a gate. A yes is used by a look that follows immediately. */
  | { readonly type: 'gate'; readonly epoch: number; readonly step: number; readonly open: boolean }
  | { readonly type: 'tripped'; readonly epoch: number }
  /** Without `untilMs`, the pause lasts until `resume`. */
  | { readonly type: 'pause'; readonly untilMs?: number }
  | { readonly type: 'promote'; readonly full?: boolean }
  | { readonly type: 'retry'; readonly fromStep?: number }
)

/** The decision in one word. */
export type Action =
  | 'start'
  | 'advance'
  | 'hold'
  | 'demote'
  | 'rollback'
  | 'promote'
  | 'pause'
  | 'resume'
  | 'retry'
  | 'enable'
  | 'disable'
  /** The rollout goes on with the options of a newer deployment. */
  | 'supersede'

/** An action that the controller has to carry out. */
export type Effect =
  /** A decision for the history; `applied` is false in mode `observe`. `byClock` marks a decision of a time limit. */
  | {
      readonly type: 'decided'
      readonly action: Action
      readonly applied: boolean
      readonly reason: string
      readonly byClock?: true
    }
  /** This process has to warm its canary. */
  | { readonly type: 'warm-up' }
  | { readonly type: 'ask-gate'; readonly epoch: number; readonly step: number }
  | { readonly type: 'alert'; readonly about: AlertTopic; readonly message: string }

/** The next state and its effects. */
export type Transition = readonly [next: RolloutState, effects: readonly Effect[]]

/** Returns the effect of a decision that is applied. */
export const decided = (action: Action, reason: string): Effect => ({ type: 'decided', action, applied: true, reason })
