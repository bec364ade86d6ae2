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
} from './baseline-history.js'
import { type HypothesisState, startHypothesis, withPriorWeight } from './hypothesis-state.js'
import { type Health, unknownHealth } from './outage.js'
import type { EvidencePolicy } from './policy.js'
import { noneUnpaired, type Unpaired } from './unpaired.js'

/** All that is remembered of one guardrail. Plain JSON. */
export interface GuardrailState {
  /** Taken from the baseline's history once; `null` while that says nothing yet. */
  readonly thresholds: Thresholds | null
  /** How many times noisier the baseline is than independent requests: by this evidence is tempered. */
  readonly dispersion: number
  /** By its hypotheses; there are none before the thresholds. */
  readonly hypotheses: readonly HypothesisState[]
}

/** All that an evidence judge remembers of a rollout. Plain JSON; the same counters give the same evidence. */
export interface Evidence {
  /** What the rest was made for; evidence of another form or of other guardrails is not taken up. */
  readonly form: string
  readonly elapsedMs: number
  readonly stepElapsedMs: number
  /** Ticks since the rollout began, and step changes that gave prior weight. */
  readonly ticks: number
  readonly weightedSteps: number
  /** When half of the evidence of safety was last carried over: its own prior weights count from there. */
  readonly safetySinceMs: number
  /** All prior weight that was put on new moments so far: what a guardrail begins with whose thresholds are found later. */
  readonly priorWeightSoFar: number
  readonly phase: Phase
  readonly demoted: boolean
  readonly baselineHistory: BaselineHistory
  /** The baseline since the last tick. */
  readonly window: Summary
  /** By the guardrails of the rollout. */
  readonly guardrails: readonly GuardrailState[]
  /** In this step: flights begun, flights ended, those that ended or are under way, and the canary's answered. */
  readonly begun: ByVariant<number>
  readonly ended: ByVariant<number>
  readonly accounted: ByVariant<number>
  readonly answered: number
  /** In this rollout: decided and unanswered calls. */
  readonly answers: ByVariant<AnswerCounts>
  readonly health: Health
  readonly unpaired: Unpaired
  /** ln Σ π E over the guardrails that roll back, at the last block and before any new prior weight. */
  readonly combinedEvidence: number
}

const forms = new WeakMap<readonly Guardrail[], { readonly policy: EvidencePolicy; readonly form: string }>()

/** What the evidence of these guardrails under this policy is called: margins and prior weights are never mixed. */
export function formOf(guardrails: readonly Guardrail[], policy: EvidencePolicy): string {
  const known = forms.get(guardrails)
  if (known?.policy === policy) return known.form
  const { outageRate, splitTolerance, ...measures } = policy // these two only hold, and leave the evidence comparable
  const form = `evidence/3 ${JSON.stringify([guardrails, measures])}`
  forms.set(guardrails, { policy, form })
  return form
}

/** No requests in either arm. */
export const noRequests: ByVariant<number> = /* @__PURE__ */ Object.freeze({ baseline: 0, canary: 0 })

/** A rollout of which nothing has been seen but the baseline's history. */
export function beginEvidence({ guardrails, calibration, phase }: StepContext, policy: EvidencePolicy): Evidence {
  const baselineHistory = isBaselineHistory(calibration.baselineHistory) ? calibration.baselineHistory : noHistory()
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
    baselineHistory,
    window: emptySummary(),
    guardrails: guardrails.map((guardrail) => startGuardrail(guardrail, baselineHistory, 0, policy)),
    begun: noRequests,
    ended: noRequests,
    accounted: noRequests,
    answered: 0,
    answers: { baseline: noAnswers, canary: noAnswers },
    health: unknownHealth,
    unpaired: noneUnpaired,
    combinedEvidence: 0,
  }
}

/** A guardrail whose hypotheses are tested from now on, if its thresholds are known. `priorWeight` is what others got since the start. */
export function startGuardrail(
  guardrail: Guardrail,
  baselineHistory: BaselineHistory,
  priorWeight: number,
  policy: Pick<EvidencePolicy, 'thresholdWindows'>,
): GuardrailState {
  const thresholds = thresholdsIfKnown(guardrail, baselineHistory, policy)
  const known = windowCountOf(baselineHistory) > 0 ? historySummaryOf(baselineHistory) : undefined
  const hypotheses = hypothesesOf(guardrail, thresholds).map((hypothesis) =>
    withPriorWeight(
      startHypothesis(hypothesis, known === undefined ? noMoments : hypothesis.statistic.momentsOf(known)),
      priorWeight,
    ),
  )
  return { thresholds, dispersion: 1, hypotheses }
}

/** Thresholds, once enough windows of the baseline have been seen to take them from. */
export function thresholdsIfKnown(
  guardrail: Guardrail,
  baselineHistory: BaselineHistory,
  { thresholdWindows }: Pick<EvidencePolicy, 'thresholdWindows'>,
): Thresholds | null {
  const needsNothing = thresholdsOf(guardrail, emptySummary())
  if (needsNothing !== null) return needsNothing
  return windowCountOf(baselineHistory) < thresholdWindows
    ? null
    : thresholdsOf(guardrail, historySummaryOf(baselineHistory))
}
