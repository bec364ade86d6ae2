import type { ByVariant, Versions } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration, Verdict } from '../judging/judge.js'
import type { Summary } from '../summaries/summary.js'
import type { AnsweredSince } from './bake-window.js'
import type { Decision } from './decision.js'
import type { OwedMessage } from './owed-message.js'
import type { RolloutState } from './state.js'
import type { Turn } from './turn.js'

/** A rollout as it is put away: everything that a restart needs, and nothing else. Plain JSON. */
export interface StoredRollout {
  /** The name of the rollout. */
  readonly name: string
  /** The names of the two versions. */
  readonly versions: Versions
  /** The plan's weights, so that a rollout is not taken up under another plan. */
  readonly weights: readonly number[]
  /** Rises by one with every write; by more where a store had lost writes, so that it is above every one that somebody has seen. */
  readonly revision: number
  /** Wall time of the last write, in milliseconds since 1970. */
  readonly savedAt: number
  /** When the weight of this step came into force, as wall time in milliseconds since 1970. */
  readonly openedAt: number
  /** Where the rollout stands. */
  readonly state: RolloutState
  /** What this epoch is judged by: the guardrails it was started with, whatever a later process is given. */
  readonly guardrails: readonly Guardrail[]
  /** The judge's evidence of this step; `null` before the first block. */
  readonly evidence: unknown
  /** What was known of the baseline before the rollout. */
  readonly calibration: Calibration
  /** What the source had counted at the last look. */
  readonly cumulative: ByVariant<Summary> | null
  /** Whether callers were answered so far, by counts from outside; left out where the process counts itself. */
  readonly answered?: AnsweredSince
  /** What the latest verdict said of each guardrail. */
  readonly checks: Verdict['checks']
  /** The latest decisions, oldest first. */
  readonly history: readonly Decision[]
  /** The latest turns of the judge, oldest first: what a replay takes. */
  readonly turns: readonly Turn[]
  /** True once turns, checks of decisions, or decisions were left out to keep this small: the history is not all there was. */
  readonly truncated?: boolean
  /** Messages of webhooks that their receivers have not taken yet, oldest first: at most 20, none older than a day. */
  readonly outbox?: readonly OwedMessage[]
}

/** Where a rollout is kept between two looks, and shared between replicas. */
export interface StateStore {
  /** Returns what is stored; `undefined` where nothing is. */
  load(): Promise<StoredRollout | undefined>
  /** Writes if the stored revision is the expected one (0: nothing stored yet); tells whether it did. */
  compareAndSet(next: StoredRollout, expectedRevision: number): Promise<boolean>
  /** Calls the listener with every write; the returned function ends that. */
  subscribe(listener: (state: StoredRollout) => void): () => void
  /** Ends all subscriptions and lets go of what the store holds open. */
  close(): Promise<void>
}
