import type { ByVariant } from '../foundation/vocabulary.js'
import type { AnswerLines } from '../guardrails/answer-lines.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Severity } from '../guardrails/guardrail-options.js'
import type { AnswerCounts } from '../summaries/answer-counts.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Summary } from '../summaries/summary.js'

/** The difference of two cumulative summaries of the same (epoch, step): what a judge eats. */
export interface Block extends ByVariant<Summary> {
  /** Time that the block spans, in milliseconds. */
  readonly elapsedMs: number
  /** The baseline by key so far, from the beginning and not of this block alone; left out where nothing is known. */
  readonly clusters?: Clusters | undefined
}

/** What is frozen when a step opens, and is the same on every replica. Plain JSON. */
export interface Calibration {
  /** What the judge had learned from the baseline before the rollout. */
  readonly baselineHistory?: unknown
  /** The baseline before the rollout, by key. */
  readonly clusters?: Clusters | null
  /** The ages by which unanswered calls are told in this rollout. */
  readonly answers?: AnswerLines
  /** Whether the baseline's callers got answers before the rollout. */
  readonly answered?: AnswerCounts
  /** What the split picks at random: requests, or users for good. @default 'request' */
  readonly unit?: 'request' | 'key'
}

/** Which part of a rollout a judge looks at. Latency is not judged during the warm-up. */
export type Phase = 'warm-up' | 'step' | 'bake'

/** Where the rollout stands while a judge decides. */
export interface StepContext {
  /** What the canary is judged by. */
  readonly guardrails: readonly Guardrail[]
  /** The number of the rollout, from 1. */
  readonly epoch: number
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** How many steps are left, this one included. */
  readonly stepsLeft: number
  /** The canary's share, in percent. */
  readonly weight: number
  /** Whether the canary warms up, is at a step of the plan, or bakes. */
  readonly phase: Phase
  /** What was known of the baseline before the rollout. */
  readonly calibration: Calibration
}

/** How far the predictions of the two arms lie apart: sizes of an effect, by which nothing is decided. */
export interface Distances {
  /** Half of the summed absolute differences of the class shares, from 0 to 1. */
  readonly totalVariation: number
  /** The population stability index. */
  readonly populationStability: number
  /** In nats. */
  readonly jensenShannon: number
  /** The Hellinger distance, from 0 to 1. */
  readonly hellinger: number
}

/** How far the evidence on one guardrail has come, and what it rests on. */
export interface CheckEvidence {
  /** Evidence of harm, and how much of it rolls back over all guardrails together. */
  readonly harm: { readonly now: number; readonly needed: number }
  /** Evidence that the harm is below the margin, and how much of it the next step needs. */
  readonly safety: { readonly now: number; readonly needed: number }
  /** The greatest difference that never triggers, in the guardrail's own unit. */
  readonly tolerable: number
  /** Limits of the difference that hold however often one looks, each at `alpha`; for display. */
  readonly interval: { readonly low: number; readonly high: number } | null
  /** How many times noisier the baseline is than independent requests. */
  readonly dispersion: number
  /** Time in which the evidence of safety doubles at the present traffic, in milliseconds; `null` where it does not. */
  readonly doublingMs: number | null
  /** Time until safety is proved at the present traffic, in milliseconds; `null` where it cannot be told. */
  readonly etaMs: number | null
  /** Of a guardrail on predictions. */
  readonly distances?: Distances
}

/** What one guardrail says. */
export interface Check {
  /** The guardrail's name. */
  readonly guardrail: string
  /** What a breach of it does. */
  readonly severity: Severity
  /** What the judge says of it. */
  readonly outcome: 'held' | 'breached' | 'undecided'
  /** Which rule spoke: the margin, the absolute limit, too few samples, a test, evidence, or a phase in which it is not judged. */
  readonly rule: 'margin' | 'limit' | 'samples' | 'significance' | 'phase' | 'evidence'
  /** The measured values and their difference in the guardrail's own unit; `null` where there is no data. */
  readonly baseline: number | null
  /** The canary's figure, in the guardrail's unit; `null` where there is none. */
  readonly canary: number | null
  /** The canary's figure minus the baseline's; `null` where one is missing. */
  readonly difference: number | null
  /** The greatest difference that is accepted, in the guardrail's own unit. */
  readonly margin: number
  /** The absolute limit, in the guardrail's unit; `null` where there is none. */
  readonly limit: number | null
  /** How many observations of each arm this check rests on. */
  readonly samples: ByVariant<number>
  /** What an evidence judge has gathered; left out by a judge that gathers none. */
  readonly evidence?: CheckEvidence
  /** One sentence for a person, with the figures in it. */
  readonly reason: string
}

/** Something besides its checks that a judge waits for: how much of it there is, and how much it takes. */
export interface Missing {
  /** What is counted, such as `baseline windows of 15 s`. */
  readonly what: string
  /** How much there is. */
  readonly have: number
  /** How much it takes. */
  readonly need: number
  /** How long it still takes at the present traffic, in milliseconds; `null` where that cannot be told. */
  readonly etaMs: number | null
}

/** What a judge makes of the evidence so far. No data is never a pass. */
export interface Verdict {
  /** What the verdict says as a whole. */
  readonly kind: 'pass' | 'fail' | 'inconclusive' | 'error'
  /** What a `fail` asks for. An `inconclusive` verdict with `hold` keeps the rollout where it is in every phase. */
  readonly response?: 'rollback' | 'demote' | 'hold'
  /** The number of the rollout that was judged. */
  readonly epoch: number
  /** The step that was judged. */
  readonly step: number
  /** What is said of each guardrail. */
  readonly checks: readonly Check[]
  /** What went wrong: the source where `kind` is `error`, what `about` names where it is `inconclusive`. */
  readonly message?: string
  /** What a person has to hear of although it holds nothing. */
  readonly warning?: string
  /** What the message or the warning is about. @default 'split' */
  readonly about?: 'split' | 'outage'
  /** What an inconclusive verdict waits for besides its checks. */
  readonly waitingFor?: string
  /** The same in figures. */
  readonly missing?: readonly Missing[]
}

/** A pure judge: plain JSON evidence in, plain JSON evidence and verdicts out. */
export interface Judge<Evidence = unknown> {
  /** A short name for messages, such as `evidence`. */
  readonly name: string
  /** Called at each step: carries over what may be carried. */
  open(previous: Evidence | undefined, context: StepContext): Evidence
  /** Returns the evidence with one more block. */
  update(evidence: Evidence, block: Block, context: StepContext): Evidence
  /** @param elapsedMs time in the step */
  decide(evidence: Evidence, context: StepContext, elapsedMs: number): Verdict
  /** What may be learned from the baseline while it serves alone; the result is plain JSON and comes back as `calibration.baselineHistory`. */
  readonly learn?: {
    /** The length of a window, in milliseconds. */
    readonly windowMs: number
    update(baselineHistory: unknown, window: Summary, guardrails: readonly Guardrail[]): unknown
  }
  /** Asks to see the counts between two looks as well, where they are at hand. Without it only looks decide. */
  readonly watch?: {
    /** Time between two interim checks, in milliseconds. */
    readonly everyMs: number
    /** Whether the evidence cannot wait for the next look. */
    isUrgent(evidence: Evidence, context: StepContext): boolean
  }
}
