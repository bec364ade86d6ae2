import type { Versions } from '../foundation/vocabulary.js'
import type { News } from './news.js'
import type { RolloutStateName } from './state.js'

/** A message that a webhook has not delivered yet. Plain JSON. */
export interface OwedMessage {
  /** Identifies the message within this rollout; the same in every process. */
  readonly id: string
  /** Wall time, in milliseconds since 1970. */
  readonly at: number
  /** The epoch that it is about; left out by an earlier release. */
  readonly epoch?: number
  /** What happened. */
  readonly news: News
  /** The names of the two versions. */
  readonly versions: Versions
  /** The state of the rollout at that time. */
  readonly state: RolloutStateName
  /** The canary's share at that time, in percent. */
  readonly weight: number
  /** The step at that time: 0 is the warm-up. */
  readonly step: number
  /** The keys of the webhooks that are done with it, if another one is not. */
  readonly done?: readonly string[]
}
