import type { ByVariant, Versions } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration, Verdict } from '../judging/judge.js'
import type { Summary } from '../summaries/summary.js'
import type { AnsweredSince } from './bake-window.js'
import type { Decision } from './decision.js'
import type { EndedRelease } from './ended-release.js'
import type { OwedMessage } from './owed-message.js'
import type { RolloutState } from './state.js'
import type { Turn } from './turn.js'
import type { VersionPast } from './version-past.js'

/** The form in which this release stores a rollout. A higher one is of a newer release, and is refused. */
export const SCHEMA = 1

/** A rollout as a process knows it: the stored records in one object, and everything that a restart needs. Plain JSON. */
export interface StoredRollout {
  /** The form of the records. */
  readonly schema: 1
  /** Identifies the stored head that this follows; empty if nothing is stored. */
  readonly tag: string
  /** The name of the rollout. */
  readonly name: string
  /** The names of the two versions. */
  readonly versions: Versions
  /** The plan's weights, so that a rollout is not resumed under another plan. */
  readonly weights: readonly number[]
  /** Rises by 1 with every write; by more if a store had lost writes, so that it is above every revision ever seen. */
  readonly revision: number
  /** The sequence of the latest stored decision; 0 if no decision is stored. */
  readonly decided: number
  /** The highest fence that a leader of this rollout had. */
  readonly fence: number
  /** Identifies the options by which this epoch is judged. */
  readonly config: string
  /** Wall time of the last write, in milliseconds since 1970. */
  readonly savedAt: number
  /** When the weight of this step came into force, as wall time in milliseconds since 1970. */
  readonly openedAt: number
  /** The state of the rollout. */
  readonly state: RolloutState
  /** The guardrails with which this epoch was started; it is judged by them even if a later process has others. */
  readonly guardrails: readonly Guardrail[]
  /** The judge's evidence of this step; `null` before the first block. */
  readonly evidence: unknown
  /** What was known about the baseline before the rollout. */
  readonly calibration: Calibration
  /** The counts of the source at the last look. */
  readonly cumulative: ByVariant<Summary> | null
  /** The answers to callers so far, counted outside of this process; left out if the process counts them itself. */
  readonly answered?: AnsweredSince
  /** The checks of the latest verdict, one for each guardrail. */
  readonly checks: Verdict['checks']
  /** The latest decisions, oldest first. */
  readonly history: readonly Decision[]
  /** The latest turns of the judge, oldest first, for a replay. */
  readonly turns: readonly Turn[]
  /** True once turns, checks or decisions were left out to limit the size: the history is not complete. */
  readonly truncated?: boolean
  /** What was learned of at most two versions while they served alone, for the next release. */
  readonly pasts?: readonly VersionPast[]
  /** Messages of webhooks that were not delivered yet, oldest first: at most 20, and at most a day old. */
  readonly outbox?: readonly OwedMessage[]
  /** How the releases before this one ended, oldest first; left out if there are none. */
  readonly ended?: readonly EndedRelease[]
  /** The members of the stored head that this library does not know: a later one has added them. */
  readonly more?: Readonly<Record<string, unknown>>
  /**
   * The release that is stored, if it is not the one of this process. Then `state` is how that of this process ended,
   * or idle. Not stored.
   */
  readonly latest?: StoredRollout
}
