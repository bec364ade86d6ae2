import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Thresholds } from '../../guardrails/guardrail-kind.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { noMoments } from '../../statistics/moments.js'
import { type AnswerCounts, noAnswers } from '../../summaries/answer-counts.js'
import { emptySummary, type Summary } from '../../summaries/summary.js'
import type { Phase, StepContext } from '../judge.js'
import { type Health, unknownHealth } from './outage.js'
import { isPast, noPast, type Past, totalOf, windowsOf } from './past.js'
import type { EvidencePolicy } from './policy.js'
import { startThread, type Thread, withMass } from './thread.js'
import { noneUnpaired, type Unpaired } from './unpaired.js'

/** All that an evidence judge remembers of a rollout. Plain JSON; the same counters give the same evidence. */
export interface Evidence {
  /** What the rest was made for; evidence of another form or of other guardrails is not taken up. */
  readonly form: string
  readonly elapsedMs: number
  readonly stepElapsedMs: number
  /** Ticks since the rollout began, and step changes that gave mass. */
  readonly ticks: number
  readonly stepMasses: number
  /** When half of the evidence of safety was last carried over: its own masses count from there. */
  readonly safetySinceMs: number
  /** All mass that was put on new moments so far: what a guardrail that is frozen later begins with. */
  readonly massSoFar: number
  readonly phase: Phase
  readonly demoted: boolean
  readonly past: Past
  /** The baseline since the last tick. */
  readonly window: Summary
  /** By guardrail; `null` where the baseline's past says nothing yet. */
  readonly frozen: readonly (Thresholds | null)[]
  readonly dispersions: readonly number[]
  /** By guardrail, then by its hypotheses. */
  readonly threads: readonly (readonly Thread[])[]
  /** In this step: flights begun, flights ended, those that ended or are under way, and the canary's answered. */
  readonly begun: ByVariant<number>
  readonly ended: ByVariant<number>
  readonly accounted: ByVariant<number>
  readonly answered: number
  /** In this rollout: decided and unanswered calls. */
  readonly answers: ByVariant<AnswerCounts>
  /** Both are left out in evidence that was stored before they were gathered. */
  readonly health?: Health
  readonly unpaired?: Unpaired
  /** ln Σ π E over the guardrails that roll back, at the last block and before any new mass. */
  readonly alarm: number
}

const forms = new WeakMap<readonly Guardrail[], { readonly policy: EvidencePolicy; readonly form: string }>()

/** What the evidence of these guardrails under this policy is called: margins and masses are never mixed. */
export function formOf(guardrails: readonly Guardrail[], policy: EvidencePolicy): string {
  const known = forms.get(guardrails)
  if (known?.policy === policy) return known.form
  const { outageRate, splitTolerance, ...measures } = policy // these two only hold, and leave the evidence comparable
  const form = `evidence/2 ${JSON.stringify([guardrails, measures])}`
  forms.set(guardrails, { policy, form })
  return form
}

/** No requests in either arm. */
export const noRequests: ByVariant<number> = /* @__PURE__ */ Object.freeze({ baseline: 0, canary: 0 })

/** A rollout of which nothing has been seen but the baseline's past. */
export function beginEvidence({ guardrails, calibration, phase }: StepContext, policy: EvidencePolicy): Evidence {
  const past = isPast(calibration.past) ? calibration.past : noPast()
  const frozen = guardrails.map((guardrail) => freezeIfKnown(guardrail, past, policy))
  return {
    form: formOf(guardrails, policy),
    elapsedMs: 0,
    stepElapsedMs: 0,
    ticks: 0,
    stepMasses: 0,
    safetySinceMs: 0,
    massSoFar: 0,
    phase,
    demoted: false,
    past,
    window: emptySummary(),
    frozen,
    dispersions: guardrails.map(() => 1),
    threads: guardrails.map((guardrail, at) => startThreads(hypothesesOf(guardrail, frozen[at]!), past, 0)),
    begun: noRequests,
    ended: noRequests,
    accounted: noRequests,
    answered: 0,
    answers: { baseline: noAnswers, canary: noAnswers },
    health: unknownHealth,
    unpaired: noneUnpaired,
    alarm: 0,
  }
}

/** The threads of hypotheses that can be asked from now on. `mass` is what other threads got since the start. */
export function startThreads(hypotheses: readonly Hypothesis[], past: Past, mass: number): readonly Thread[] {
  const known = windowsOf(past) > 0 ? totalOf(past) : undefined
  return hypotheses.map((hypothesis) =>
    withMass(startThread(hypothesis, known === undefined ? noMoments : hypothesis.statistic.momentsOf(known)), mass),
  )
}

/** Thresholds, once enough windows of the baseline have been seen to take them from. */
export function freezeIfKnown(guardrail: Guardrail, past: Past, { freezeWindows }: EvidencePolicy): Thresholds | null {
  const needsNothing = thresholdsOf(guardrail, emptySummary())
  if (needsNothing !== null) return needsNothing
  return windowsOf(past) < freezeWindows ? null : thresholdsOf(guardrail, totalOf(past))
}
