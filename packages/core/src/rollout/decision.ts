import type { ByVariant } from '../foundation/vocabulary.js'
import type { Verdict } from '../judging/judge.js'
import type { Action } from './event.js'
import type { RolloutStateName, WaitingFor } from './state.js'

/** One decision with everything that led to it. Plain JSON. */
export interface Decision {
  /** Numbers the decisions of a rollout in the order in which they were made, from 1, across all epochs. */
  readonly sequence: number
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
  /** What was decided. */
  readonly action: Action
  /** False in mode `observe`, in which decisions are not applied. */
  readonly applied: boolean
  /** The reason, in one sentence. */
  readonly reason: string
  /** Who decided: `judge`, `tripwire`, `clock`, or the name given with a verb. */
  readonly actor: string
  /** The key of the request that asked for this, so that it is carried out once; left out if it had none. */
  readonly idempotencyKey?: string
  /** The number of the rollout. */
  readonly epoch: number
  /** The step in which this was decided. */
  readonly step: number
  /** The canary's share when this was decided, in percent. */
  readonly weight: number
  /** Time that the step had lasted, in milliseconds. */
  readonly elapsedInStepMs: number
  /** Requests of each arm in the step. */
  readonly requests: ByVariant<number>
  /** The state after the decision. */
  readonly now: {
    readonly state: RolloutStateName
    readonly step: number
    readonly weight: number
    readonly waitingFor: WaitingFor | null
  }
  /** The verdict of the judge, with n, values, margins and the rule that applied; `null` for a verb. */
  readonly verdict: Verdict | null
}
