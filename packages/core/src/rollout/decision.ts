import type { ByVariant } from '../foundation/vocabulary.js'
import type { Verdict } from '../judging/judge.js'
import type { Action } from './event.js'
import type { RolloutStateName, WaitingFor } from './state.js'

/** One decision with everything it rested on. Plain JSON. */
export interface Decision {
  /** Numbers the decisions of a rollout in the order in which they were made, from 1, across all epochs. */
  readonly sequence: number
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
  /** What was decided. */
  readonly action: Action
  /** False in mode `observe`, where decisions are only said. */
  readonly applied: boolean
  /** Why, in one sentence. */
  readonly reason: string
  /** Who decided: `judge`, `tripwire`, `clock`, or the name given with a verb. */
  readonly actor: string
  /** The number of the rollout. */
  readonly epoch: number
  /** Where the rollout stood when this was decided. */
  readonly step: number
  /** The canary's share when this was decided, in percent. */
  readonly weight: number
  /** Time that the step had lasted, in milliseconds. */
  readonly elapsedInStepMs: number
  /** Requests of each arm in the step. */
  readonly requests: ByVariant<number>
  /** Where it stands now. */
  readonly now: {
    readonly state: RolloutStateName
    readonly step: number
    readonly weight: number
    readonly waitingFor: WaitingFor | null
  }
  /** What the judge said, with n, values, margins and the rule that fired; `null` for a verb. */
  readonly verdict: Verdict | null
}
