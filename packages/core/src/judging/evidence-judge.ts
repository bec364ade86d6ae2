import { isBaselineHistory, learnWindow, noHistory } from './evidence/baseline-history.js'
import { asksForRollback, decideOn } from './evidence/decide.js'
import type { Evidence } from './evidence/evidence.js'
import { historyFromPast, keptPast, windowsKnown } from './evidence/kept-past.js'
import { type EvidenceJudgeOptions, resolvePolicy } from './evidence/policy.js'
import { strataLessons } from './evidence/strata-lessons.js'
import { isEvidenceFor, openStep, updateEvidence } from './evidence/update-evidence.js'
import type { Judge } from './judge.js'

/**
 * Returns a judge that gathers evidence. Its error rates hold no matter how often it looks.
 *
 * Over a whole rollout, a canary that is worse by at most the `tolerable` part of every margin is rolled back with a
 * probability of at most `alpha`. A canary that is worse by a margin or more in every step is promoted with a
 * probability of at most the first rate of `promotion`. The promises and what they cost: docs/statistics.md. Throws
 * `INVALID_OPTION` and `UNKNOWN_OPTION`.
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
        learnWindow(isBaselineHistory(baselineHistory) ? baselineHistory : noHistory(), window, guardrails),
      past: { keep: keptPast, adopt: historyFromPast, windowsOf: windowsKnown },
      strata: strataLessons(policy),
    },
    watch: {
      everyMs: policy.watchMs,
      isUrgent: (evidence, context) => isEvidenceFor(evidence, context, policy) && asksForRollback(evidence, policy),
    },
    open: (previous, context) => openStep(previous, context, policy),
    update: (evidence, block, context) => updateEvidence(evidence, block, context, policy),
    withLevel: (part) => evidenceJudge({ ...options, alpha: policy.alpha * part }) as Judge<Evidence>,
    decide: (evidence, context) =>
      decideOn(
        isEvidenceFor(evidence, context, policy) ? evidence : openStep(undefined, context, policy),
        context,
        policy,
      ),
  })
}
