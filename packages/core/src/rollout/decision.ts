import type { ByVariant } from '../foundation/vocabulary.js'
import type { Verdict } from '../judging/judge.js'
import type { Action } from './event.js'
import type { RolloutStatus, WaitingFor } from './state.js'

/** One decision with everything it rested on. Plain JSON. */
export interface Decision {
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
  readonly action: Action
  /** False in mode `observe`, where decisions are only said. */
  readonly applied: boolean
  readonly reason: string
  /** Who decided: `judge`, `tripwire`, `clock`, or the name given with a verb. */
  readonly actor: string
  readonly epoch: number
  /** Where the rollout stood when this was decided. */
  readonly step: number
  readonly weight: number
  readonly elapsedInStepMs: number
  readonly requests: ByVariant<number>
  /** Where it stands now. */
  readonly now: {
    readonly status: RolloutStatus
    readonly step: number
    readonly weight: number
    readonly waitingFor: WaitingFor | null
  }
  /** What the judge said, with n, values, margins and the rule that fired; `null` for a verb. */
  readonly verdict: Verdict | null
}
