import type { ByVariant } from '../foundation/vocabulary.js'
import { answerCountsOf, answeredOf, endedOf, noRejections, type Summary } from '../summaries/summary.js'
import { bernoulli, compareMeans } from './compare-means.js'
import type { AnyRateGuardrail } from './guardrail.js'
import type { Measurement } from './measurement.js'

interface Rate {
  readonly subject: string
  readonly hitsOf: (summary: Summary) => number
  readonly trialsOf: (summary: Summary) => number
}

/** A client that hangs up says nothing about the model, so only `abortRate` counts it. */
export const RATES: Readonly<Record<AnyRateGuardrail['kind'], Rate>> = {
  errorRate: {
    subject: 'error rate',
    hitsOf: ({ outcomes }) => outcomes.error + outcomes.timeout,
    trialsOf: answeredOf,
  },
  timeoutRate: { subject: 'timeout rate', hitsOf: ({ outcomes }) => outcomes.timeout, trialsOf: answeredOf },
  abortRate: { subject: 'abort rate', hitsOf: ({ outcomes }) => outcomes.aborted, trialsOf: endedOf },
  rejectedRate: {
    subject: 'share of callers with a rejected request',
    hitsOf: ({ rejections = noRejections }) => rejections.rejected, // a stored summary may lack them
    trialsOf: ({ rejections = noRejections }) => rejections.callers,
  },
  unansweredRate: {
    subject: 'rate of unanswered requests',
    hitsOf: (summary) => answerCountsOf(summary).unanswered,
    trialsOf: (summary) => answerCountsOf(summary).decided,
  },
}

const COUNTED: Readonly<Partial<Record<AnyRateGuardrail['kind'], string>>> = {
  unansweredRate: 'decided requests',
  rejectedRate: 'callers',
}

/** Measures the share of requests that ended badly, as a fraction. */
export function measureRate({ kind, margin, limit }: AnyRateGuardrail, arms: ByVariant<Summary>): Measurement {
  const { subject, hitsOf, trialsOf } = RATES[kind]
  const momentsOf = (summary: Summary) => bernoulli(hitsOf(summary), trialsOf(summary))
  return {
    subject,
    counted: COUNTED[kind] ?? 'requests',
    unit: 'share',
    margin,
    limit,
    ...compareMeans({ baseline: momentsOf(arms.baseline), canary: momentsOf(arms.canary) }, 'rise'),
  }
}
