import type { ByVariant, Versions } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration, Verdict } from '../judging/judge.js'
import type { Summary } from '../summaries/summary.js'
import type { AnsweredSince } from './bake-window.js'
import type { Decision } from './decision.js'
import type { EndedRelease } from './ended-release.js'
import type { OwedMessage } from './owed-message.js'
import type { RolloutState, RolloutStateName } from './state.js'
import type { Turn } from './turn.js'
import type { VersionPast } from './version-past.js'

/** One stay of a rollout at one weight. */
export interface Visit {
  /** The number of the rollout, from 1. */
  readonly epoch: number
  /** The number of the stay in this epoch, from 1. It rises whenever the weight of another step comes into force. */
  readonly visit: number
}

/** Returns a text that identifies a stay. */
export const textOfVisit = ({ epoch, visit }: Visit): string => `${epoch}.${visit}`

/** The split that every process has to apply. */
export interface Route extends Visit {
  /** The canary's share, in percent. */
  readonly weight: number
  /** The step of the plan; 0 is the warm-up. */
  readonly step: number
  /** False while the baseline serves alone, such as after the kill switch was set. */
  readonly active: boolean
}

/** The part of a head that every release reads, also an older one. Its form never changes. */
export interface Wire {
  /** The form of these members. */
  readonly wire: 1
  /** The split that every process has to apply. */
  readonly route: Route
  /** Where the rollout stands. */
  readonly status: RolloutStateName
  /** Rises with every write. */
  readonly rev: number
  /** The kill switch, and how often it was set or released. */
  readonly switch: { readonly on: boolean; readonly n: number }
}

/** What all processes of a rollout have to obey. It is written when something is decided, and sent to all of them. */
export interface Head extends Wire {
  /** Identifies this write: two writes never have the same tag. */
  readonly tag: string
  /** The form of the other members. A higher one is of a newer release. */
  readonly schema: 1
  /** The name of the rollout. */
  readonly name: string
  /** The names of the two versions. */
  readonly versions: Versions
  /** Identifies the options by which the rollout is judged. A process with other options does not judge it. */
  readonly config: string
  /** The highest fence that a leader of this rollout had. */
  readonly fence: number
  /** The plan's weights, in percent. */
  readonly weights: readonly number[]
  /** The guardrails with which this epoch was started. */
  readonly guardrails: readonly Guardrail[]
  /** When the weight of this step came into force, as wall time in milliseconds since 1970. */
  readonly openedAt: number
  /** The state of the rollout at this write. */
  readonly state: RolloutState
  /** The sequence of the latest decision; 0 before the first. */
  readonly decided: number
  /** How the releases of this name before this one ended, oldest first; left out if there are none. */
  readonly ended?: readonly EndedRelease[]
}

/** What only the judging process needs: written at each of its looks, and with its decisions. */
export interface Body {
  /** The form of this record. */
  readonly schema: 1
  /** The stay that the evidence belongs to. */
  readonly of: Visit
  /** Wall time of the write, in milliseconds since 1970. */
  readonly savedAt: number
  /** The state of the rollout at the last look. */
  readonly state: RolloutState
  /** The judge's evidence of this stay; `null` before the first block. */
  readonly evidence: unknown
  /** What was known about the baseline before the rollout. */
  readonly calibration: Calibration
  /** The counts of the source at the last look. */
  readonly cumulative: ByVariant<Summary> | null
  /** The answers to callers so far, counted outside of this process; left out if the process counts them itself. */
  readonly answered?: AnsweredSince
  /** The decisions to hold since the latest stored one, oldest first. The next write of a head stores them as well. */
  readonly holds?: readonly Decision[]
  /** The checks of the latest verdict, one for each guardrail. */
  readonly checks: Verdict['checks']
  /** The latest turns of the judge, oldest first, for a replay. */
  readonly turns: readonly Turn[]
  /** True once turns or checks were left out to limit the size. */
  readonly truncated?: boolean
  /** What was learned of at most two versions while they served alone, for the next release. */
  readonly pasts?: readonly VersionPast[]
  /** Messages of webhooks that were not delivered yet, oldest first. */
  readonly outbox?: readonly OwedMessage[]
}

/** The records of a rollout, as a store returns them. Plain JSON. */
export interface Records {
  /** What all processes have to obey. */
  readonly head: Head
  /** `null` if it was never written, or was lost. */
  readonly body: Body | null
  /** The latest decisions, oldest first: at most {@link DECISIONS_LOADED}. */
  readonly history: readonly Decision[]
}

/** How many decisions a store keeps. */
export const DECISIONS_KEPT = 1_000

/** How many of the latest decisions a store returns when it is read. */
export const DECISIONS_LOADED = 100
