import type { ByVariant } from '../foundation/vocabulary.js'
import type { Verdict } from '../judging/judge.js'
import type { AlertTopic, RolloutState } from './state.js'

/** What can happen to a rollout, and when. */
export type RolloutEvent = {
  /** The monotonic time since the event before, in milliseconds. */
  readonly sinceMs?: number
  /** Wall time, in milliseconds since 1970. */
  readonly at?: number
  readonly reason?: string
} & (
  | { readonly type: 'start' | 'warmed' | 'resume' | 'enable' | 'disable' }
  /** Only a person takes a promotion back. */
  | { readonly type: 'rollback'; readonly isByOperator?: boolean }
  /** With `isGateOpen` the gate of this step has just said yes. */
  | {
      readonly type: 'analyzed'
      readonly verdict: Verdict
      readonly requests: ByVariant<number>
      readonly isGateOpen?: boolean
      /** Time since the look before, in milliseconds, whatever came in between. @default sinceMs */
      readonly lookMs?: number
      /** Whether whole users are split, so that a share without requests is no sign of anything. */
      readonly isByKey?: boolean
      /** Requests of this step without a usable key, as this process counts them. */
      readonly withoutKey?: number
      /** Something about the rollout as a whole that a person should hear once. */
      readonly note?: string
    }
  /** What a gate said. A yes is used by the look that follows at once. */
  | { readonly type: 'gate'; readonly epoch: number; readonly step: number; readonly open: boolean }
  | { readonly type: 'tripped'; readonly epoch: number }
  /** Without `untilMs` until `resume`. */
  | { readonly type: 'pause'; readonly untilMs?: number }
  | { readonly type: 'promote'; readonly full?: boolean }
  | { readonly type: 'retry'; readonly fromStep?: number }
)

/** What was decided, in one word. */
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

/** What the shell is to do about it. */
export type Effect =
  /** A decision for the history; `applied` is false in mode `observe`. With `byClock` it is time that decided, whoever looked. */
  | {
      readonly type: 'decided'
      readonly action: Action
      readonly applied: boolean
      readonly reason: string
      readonly byClock?: true
    }
  /** This process is to warm its canary. */
  | { readonly type: 'warm-up' }
  | { readonly type: 'ask-gate'; readonly epoch: number; readonly step: number }
  | { readonly type: 'alert'; readonly about: AlertTopic; readonly message: string }

/** The next state, and what follows from it. */
export type Transition = readonly [next: RolloutState, effects: readonly Effect[]]
