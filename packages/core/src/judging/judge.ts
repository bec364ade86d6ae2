import type { ByVariant } from '../foundation/vocabulary.js'
import type { AnswerLines } from '../guardrails/answer-lines.js'
import type { Unit } from '../guardrails/figures.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Severity } from '../guardrails/guardrail-options.js'
import type { AnswerCounts } from '../summaries/answer-counts.js'
import type { Clusters } from '../summaries/clusters.js'
import type { Strata, StrataForm } from '../summaries/strata.js'
import type { Summary } from '../summaries/summary.js'

/** The counts since the judge's last look: the input of a judge. */
export interface Block extends ByVariant<Summary> {
  /** The time that the block spans, in milliseconds. */
  readonly elapsedMs: number
  /**
   * The baseline's counts by routing key since the beginning, not of this block alone; missing if they are not known.
   */
  readonly clusters?: Clusters | undefined
}

/** What was known of the baseline before the rollout. It is the same on every replica and in every step. Plain JSON. */
export interface Calibration {
  /** What the judge's `learn` returned before the rollout. */
  readonly baselineHistory?: unknown
  /** The baseline's counts by routing key before the rollout. */
  readonly clusters?: Clusters | null
  /** The ages from which a call counts as unanswered in this rollout. */
  readonly answers?: AnswerLines
  /** Whether the baseline's callers got answers before the rollout. */
  readonly answered?: AnswerCounts
  /** The unit that the split assigns at random: a request, or a user for the whole rollout. @default 'request' */
  readonly unit?: 'request' | 'key'
}

/** The part of a rollout that is judged. Latency is not judged during the warm-up. */
export type Phase = 'warm-up' | 'step' | 'bake'

/** The place in a rollout at which a judge decides. */
export interface StepContext {
  /** The guardrails of the rollout. */
  readonly guardrails: readonly Guardrail[]
  /** The number of the rollout under its name, from 1. */
  readonly epoch: number
  /** The step: 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** The number of steps that are left, including this one. */
  readonly stepsLeft: number
  /** The canary's share, in percent. */
  readonly weight: number
  /** Whether the canary is in the warm-up, in a step of the plan, or baking at 100 %. */
  readonly phase: Phase
  /** What was known of the baseline before the rollout. */
  readonly calibration: Calibration
  /** True if the counts are those of one of several processes: its users may differ from what is known of all users. */
  readonly isOneProcess?: boolean
}

/** Distances between the predictions of the two arms: effect sizes for display. They decide nothing. */
export interface Distances {
  /** The total variation distance: half of the sum of |p − q| over the classes, from 0 to 1. */
  readonly totalVariation: number
  /** The population stability index. */
  readonly populationStability: number
  /** The Jensen–Shannon divergence in nats, from 0 to ln 2. */
  readonly jensenShannon: number
  /** The Hellinger distance, from 0 to 1. */
  readonly hellinger: number
}

/** The evidence on one guardrail, and the figures behind it. */
export interface CheckEvidence {
  /** The e-value against "worse by at most `tolerable`", and the combined e-value of all guardrails that rolls back. */
  readonly harm: { readonly now: number; readonly needed: number }
  /** The e-value against "worse by at least the margin", and the e-value that the next step needs. */
  readonly safety: { readonly now: number; readonly needed: number }
  /** The greatest difference that does not count as harm, in the guardrail's own unit. */
  readonly tolerable: number
  /**
   * Confidence limits of `difference`, each at `alpha` and valid at all looks; for display. `null` if there are too few
   * data.
   */
  readonly interval: { readonly low: number; readonly high: number } | null
  /** The dispersion: how many times noisier the baseline is than independent requests. */
  readonly dispersion: number
  /** The time in which `safety.now` doubles at the present traffic, in milliseconds; `null` if it does not grow. */
  readonly doublingMs: number | null
  /**
   * The time until `safety.now` is enough at the present traffic, in milliseconds; `null` if it cannot be estimated.
   */
  readonly etaMs: number | null
  /** Distances between the arms' predictions; only of a guardrail on predictions. */
  readonly distances?: Distances
}

/** The result of one guardrail. */
export interface Check {
  /** The guardrail's name. */
  readonly guardrail: string
  /** What a breach does. */
  readonly severity: Severity
  /** `held`: shown to be within the margin. `breached`: worse than accepted. `undecided`: neither has been shown. */
  readonly outcome: 'held' | 'breached' | 'undecided'
  /** The unit of the figures: a share of requests, milliseconds, or none. Left out if the judge does not say. */
  readonly unit?: Unit
  /** The rule that decided: the margin, the limit, too few samples, a significance test, evidence, or the phase. */
  readonly rule: 'margin' | 'limit' | 'samples' | 'significance' | 'phase' | 'evidence'
  /** The baseline's figure, in the guardrail's unit; `null` without data. */
  readonly baseline: number | null
  /** The canary's figure, in the guardrail's unit; `null` without data. */
  readonly canary: number | null
  /**
   * How much worse the canary is: a positive difference is harm, for a fall as well as for a rise. `null` without data.
   */
  readonly difference: number | null
  /** The greatest difference that is accepted, in the guardrail's unit. */
  readonly margin: number
  /** The absolute limit, in the guardrail's unit; `null` if there is none. */
  readonly limit: number | null
  /** The number of observations of each arm. */
  readonly samples: ByVariant<number>
  /** The evidence; missing if the judge does not gather any. */
  readonly evidence?: CheckEvidence
  /** A sentence with the figures, for people. */
  readonly reason: string
}

/** A condition that a judge waits for, besides its checks. */
export interface Missing {
  /** What is counted, such as `baseline windows of 15 s`. */
  readonly what: string
  /** The count so far. */
  readonly have: number
  /** The count that is needed. */
  readonly need: number
  /** The remaining time at the present traffic, in milliseconds; `null` if it cannot be estimated. */
  readonly etaMs: number | null
}

/** A judge's decision on the evidence so far. Missing data never counts as a pass. */
export interface Verdict {
  /** The verdict over all guardrails. */
  readonly kind: 'pass' | 'fail' | 'inconclusive' | 'error'
  /** What a `fail` asks for. An `inconclusive` verdict with `hold` keeps the weight in every phase. */
  readonly response?: 'rollback' | 'demote' | 'hold'
  /** The epoch of the rollout that was judged. */
  readonly epoch: number
  /** The step that was judged. */
  readonly step: number
  /** The result of each guardrail. */
  readonly checks: readonly Check[]
  /** Why `kind` is `error`, or, if it is `inconclusive`, what is wrong with the subject in `about`. */
  readonly message?: string
  /** A problem that an alert reports and that does not stop the rollout. */
  readonly warning?: string
  /** The subject of the message or the warning. @default 'split' */
  readonly about?: 'split' | 'outage'
  /** What an inconclusive verdict waits for, besides its checks. */
  readonly waitingFor?: string
  /** The conditions of `waitingFor` as figures. */
  readonly missing?: readonly Missing[]
}

/** How the users of a version differed, as an earlier process kept it. */
export interface KeptUsers {
  /** What `learn.strata.keep` returned. It comes from a store, and may be anything. */
  readonly learned: unknown
  /** How long ago that was learned, in milliseconds. */
  readonly ageMs: number
}

/** The rollout for which a history is frozen. */
export interface FrozenFor {
  /** The guardrails of the rollout. */
  readonly guardrails: readonly Guardrail[]
  /** The canary's shares in the rollout, in percent. */
  readonly weights: readonly number[]
  /** What was kept of the baseline's users, if it was the same split. */
  readonly kept?: KeptUsers | undefined
}

/** A judge: pure functions of evidence, which is plain JSON. */
export interface Judge<Evidence = unknown> {
  /** A short name for messages, such as `evidence`. */
  readonly name: string
  /** Returns the evidence at the opening of a step. `previous` is the evidence of the step before, if there is any. */
  open(previous: Evidence | undefined, context: StepContext): Evidence
  /** Returns the evidence with one more block. */
  update(evidence: Evidence, block: Block, context: StepContext): Evidence
  /**
   * Returns the verdict on the evidence.
   *
   * @param elapsedMs the time in the step, in milliseconds
   */
  decide(evidence: Evidence, context: StepContext, elapsedMs: number): Verdict
  /**
   * Returns this judge with a part of its false-alarm rate, above 0 and at most 1, for one of several tests of the same
   * rollout. The evidence is the same. Left out by a judge that promises no rate.
   */
  withLevel?(part: number): Judge<Evidence>
  /** Learns from the baseline while it serves alone. */
  readonly learn?: {
    /** The length of a window of the baseline, in milliseconds. */
    readonly windowMs: number
    /** Returns the history with one more window, as plain JSON. A rollout gets it as `calibration.baselineHistory`. */
    update(baselineHistory: unknown, window: Summary, guardrails: readonly Guardrail[]): unknown
    /** Keeps what was learned of a version for the next release whose baseline it is. Without it nothing is kept. */
    readonly past?: {
      /** Returns the part of a history that does not depend on the routing, as plain JSON. */
      keep(baselineHistory: unknown): unknown
      /** Returns the history that a kept past begins with; `undefined` if it cannot be read. Must not throw. */
      adopt(kept: unknown): unknown
      /** Returns the number of windows of a history. */
      windowsOf(baselineHistory: unknown): number
    }
    /**
     * Learns how the users differ, from generations of counts by routing bucket. After each window `formDue` is asked;
     * if it returns a form, the generation that was counted until then is passed to `add`.
     */
    readonly strata?: {
      /** Returns the form of the next generation if that is to begin now; `undefined` if the present one goes on. */
      formDue(baselineHistory: unknown, guardrails: readonly Guardrail[]): StrataForm | undefined
      /** Returns the history with one more generation; `null` if no call of it had a routing bucket. */
      add(baselineHistory: unknown, generation: Strata | null, guardrails: readonly Guardrail[]): unknown
      /**
       * Returns the history that a rollout begins with.
       *
       * @param generation the present generation so far
       */
      freeze(baselineHistory: unknown, generation: Strata | null, rollout: FrozenFor): unknown
      /**
       * Returns how the users of a version differ, as plain JSON, for the next release with the same split; `null` if
       * that is not known. Without `keep` it is not kept.
       *
       * @param generation the present generation so far
       * @param kept what was kept of the version before; returned itself if that is still the best
       */
      keep?(baselineHistory: unknown, generation: Strata | null, kept: KeptUsers | undefined): unknown
    }
  }
  /** Interim checks between two looks, if the counts are in the process. Without `watch` only looks decide. */
  readonly watch?: {
    /** The time between two interim checks, in milliseconds. */
    readonly everyMs: number
    /** Whether the evidence shows harm that cannot wait for the next look. */
    isUrgent(evidence: Evidence, context: StepContext): boolean
  }
}
