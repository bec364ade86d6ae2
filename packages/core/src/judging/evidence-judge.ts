import { addWindow, isBaselineHistory, noHistory } from './evidence/baseline-history.js'
import { asksForRollback, decideOn } from './evidence/decide.js'
import type { Evidence } from './evidence/evidence.js'
import { type EvidenceJudgeOptions, resolvePolicy } from './evidence/policy.js'
import { isEvidenceFor, openStep, updateEvidence } from './evidence/update-evidence.js'
import type { Judge } from './judge.js'

/**
 * Judges by evidence that stays valid however often one looks.
 *
 * Over a whole rollout, a canary that is worse by no more than `tolerable` of every margin is rolled back in
 * at most `alpha` of cases, and one that is at a margin or beyond it in every step is promoted in at most the
 * last of `promotion`. What the promises are, and what they cost: docs/statistics.md. Throws `INVALID_OPTION`
 * and `UNKNOWN_OPTION`.
 *
 * Block e-variables after Turner, Ly and Grünwald, JSPI 230 (2024), arXiv 2106.02693; a mixture over the times
 * at which harm may have begun after Shin, Ramdas and Rinaldo, arXiv 2203.03532.
 *
 * @example
 * createCanary({ …, guardrails: [errorRate({ margin: 0.02 })], judge: evidenceJudge({ alpha: 0.01 }) })
 */
export function evidenceJudge(options: EvidenceJudgeOptions = {}): Judge {
  const policy = resolvePolicy(options)
  return Object.freeze<Judge<Evidence>>({
    name: 'evidence',
    learn: {
      windowMs: policy.tickMs,
      update: (baselineHistory, window, guardrails) =>
        addWindow(isBaselineHistory(baselineHistory) ? baselineHistory : noHistory(), window, guardrails, []),
    },
    watch: {
      everyMs: policy.watchMs,
      isUrgent: (evidence, context) => isEvidenceFor(evidence, context, policy) && asksForRollback(evidence, policy),
    },
    open: (previous, context) => openStep(previous, context, policy),
    update: (evidence, block, context) => updateEvidence(evidence, block, context, policy),
    decide: (evidence, context) =>
      decideOn(
        isEvidenceFor(evidence, context, policy) ? evidence : openStep(undefined, context, policy),
        context,
        policy,
      ),
  })
}
