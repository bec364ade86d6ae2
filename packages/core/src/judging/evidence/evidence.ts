import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Thresholds } from '../../guardrails/guardrail-kind.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { noMoments } from '../../statistics/moments.js'
import { type AnswerCounts, noAnswers } from '../../summaries/answer-counts.js'
import { emptySummary, type Summary } from '../../summaries/summary.js'
import type { Phase, StepContext } from '../judge.js'
import {
  type BaselineHistory,
  historySummaryOf,
  isBaselineHistory,
  noHistory,
  windowCountOf,
  withoutNoise,
} from './baseline-history.js'
import { type HypothesisState, startHypothesis, withPriorWeight } from './hypothesis-state.js'
import { type Health, unknownHealth } from './outage.js'
import { pastDispersionOf } from './past-dispersion.js'
import type { EvidencePolicy } from './policy.js'
import { noneUnpaired, type Unpaired } from './unpaired.js'

/** The evidence on one guardrail. Plain JSON. */
export interface GuardrailState {
  /** Taken from the baseline's history once; `null` until the history is long enough. */
  readonly thresholds: Thresholds | null
  /** In the order of the hypotheses; empty without thresholds. */
  readonly hypotheses: readonly HypothesisState[]
}

/** The state of an evidence judge in a rollout. Plain JSON; the same counts give the same evidence. */
export interface Evidence {
  /** The version, guardrails and policy of this evidence. Evidence of another form is not used. */
  readonly form: string
  /** The time since the rollout began, and since the step opened, in milliseconds. */
  readonly elapsedMs: number
  readonly stepElapsedMs: number
  /** The number of ticks since the rollout began, and of steps that got a prior weight of their own. */
  readonly ticks: number
  readonly weightedSteps: number
  /**
   * When half of the evidence of safety was last carried to a new step: the prior weights of safety count from there.
   */
  readonly safetySinceMs: number
  /** The prior weights of all moments so far. A guardrail whose thresholds are found later begins with them. */
  readonly priorWeightSoFar: number
  readonly phase: Phase
  /** Whether the canary has been put back into the warm-up. */
  readonly demoted: boolean
  readonly baselineHistory: BaselineHistory
  /** The baseline's counts since the last tick. */
  readonly baselineWindow: Summary
  /** In the order of the rollout's guardrails. */
  readonly guardrails: readonly GuardrailState[]
  /**
   * In this step: flights that began, those of heavy users that are left out, those that ended, that ended or are
   * pending, and the canary's answered flights.
   */
  readonly begun: ByVariant<number>
  readonly leftOut: ByVariant<number>
  readonly ended: ByVariant<number>
  readonly accounted: ByVariant<number>
  readonly answered: number
  /** The decided and unanswered calls of this rollout. */
  readonly answers: ByVariant<AnswerCounts>
  readonly health: Health
  readonly unpaired: Unpaired
  /** ln Σ π E over the guardrails that roll back, after the last block and before its new prior weight. */
  readonly combinedEvidence: number
}

const forms = new WeakMap<readonly Guardrail[], { readonly policy: EvidencePolicy; readonly form: string }>()

/**
 * Returns the form of evidence for these guardrails and this policy. Evidence of another form is not comparable.
 *
 * Kept by the identity of the list: a check of the form would otherwise take 5 µs at each block; see decision 52.
 */
export function formOf(guardrails: readonly Guardrail[], policy: EvidencePolicy): string {
  const known = forms.get(guardrails)
  if (known?.policy === policy) return known.form
  // these two can only stop a step, so evidence stays comparable when they change
  const { outageRate, splitTolerance, ...measures } = policy
  const form = `evidence/5 ${JSON.stringify([guardrails, measures])}`
  forms.set(guardrails, { policy, form })
  return form
}

/** Counts without requests in either arm. */
export const noRequests: ByVariant<number> = /* @__PURE__ */ Object.freeze({ baseline: 0, canary: 0 })

/** Returns the evidence at the start of a rollout: the baseline's history, and no requests. */
export function beginEvidence({ guardrails, calibration, phase }: StepContext, policy: EvidencePolicy): Evidence {
  const past = pastOf(calibration)
  return {
    form: formOf(guardrails, policy),
    elapsedMs: 0,
    stepElapsedMs: 0,
    ticks: 0,
    weightedSteps: 0,
    safetySinceMs: 0,
    priorWeightSoFar: 0,
    phase,
    demoted: false,
    baselineHistory: withoutNoise(past),
    baselineWindow: emptySummary(),
    guardrails: guardrails.map((guardrail) => startGuardrail(guardrail, { past, history: past }, 0, policy)),
    begun: noRequests,
    leftOut: noRequests,
    ended: noRequests,
    accounted: noRequests,
    answered: 0,
    answers: { baseline: noAnswers, canary: noAnswers },
    health: unknownHealth,
    unpaired: noneUnpaired,
    combinedEvidence: 0,
  }
}

/**
 * Returns the state of a guardrail that is tested from now on, if its thresholds are known.
 *
 * `past` is the baseline's history before the rollout, `history` also has the windows since, and `priorWeight` is the
 * sum of all moments so far.
 */
export function startGuardrail(
  guardrail: Guardrail,
  { past, history }: { readonly past: BaselineHistory; readonly history: BaselineHistory },
  priorWeight: number,
  policy: EvidencePolicy,
): GuardrailState {
  const thresholds = past.offsets?.thresholds[guardrail.name] ?? thresholdsIfKnown(guardrail, history, policy)
  const known = windowCountOf(history) > 0 ? historySummaryOf(history) : undefined
  const hypotheses = hypothesesOf(guardrail, thresholds).map((hypothesis) =>
    withPriorWeight(
      startHypothesis(
        hypothesis,
        known === undefined ? noMoments : hypothesis.statistic.momentsOf(known),
        pastDispersionOf(hypothesis, past, policy),
        known && hypothesis.classes?.countsOf(known),
      ),
      priorWeight,
    ),
  )
  return { thresholds, hypotheses }
}

/** Returns the baseline's history before the rollout. */
export const pastOf = ({ baselineHistory }: StepContext['calibration']): BaselineHistory =>
  isBaselineHistory(baselineHistory) ? baselineHistory : noHistory()

/** Returns the thresholds, or `null` until enough windows of the baseline are known. */
export function thresholdsIfKnown(
  guardrail: Guardrail,
  baselineHistory: BaselineHistory,
  { thresholdWindows }: Pick<EvidencePolicy, 'thresholdWindows'>,
): Thresholds | null {
  const isKnown = windowCountOf(baselineHistory) >= thresholdWindows
  return thresholdsOf(guardrail, isKnown ? historySummaryOf(baselineHistory) : emptySummary())
}
