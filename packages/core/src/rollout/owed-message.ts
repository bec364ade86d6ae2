import type { Versions } from '../foundation/vocabulary.js'
import type { News } from './news.js'
import type { RolloutStateName } from './state.js'

/** A message that a webhook has not brought to its receiver yet. Plain JSON. */
export interface OwedMessage {
  /** The same in every process; no other message about this rollout has it. */
  readonly id: string
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
  /** The epoch that it is about; left out by an earlier release. */
  readonly epoch?: number
  /** What happened. */
  readonly news: News
  /** Where the rollout stood then. */
  readonly versions: Versions
  /** Where the rollout stood then. */
  readonly state: RolloutStateName
  /** The canary's share then, in percent. */
  readonly weight: number
  /** The step then: 0 is the warm-up. */
  readonly step: number
  /** Keys of the webhooks that are done with it, where another one is not. */
  readonly done?: readonly string[]
}
