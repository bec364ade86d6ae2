import type { Guardrail } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import type { ArmQueries } from './arm-queries.js'

/** The query that each kind of guardrail needs. Other kinds are refused: `rejectedRate` needs callers. */
const NEEDS = {
  errorRate: 'errors',
  timeoutRate: 'timeouts',
  abortRate: 'aborted',
  unansweredRate: 'unanswered',
  latency: 'durations',
  tailLatency: 'durations',
  predictionShift: 'predictions',
  scoreShift: 'score',
  metric: 'metrics',
} satisfies { readonly [Kind in Guardrail['kind']]?: keyof ArmQueries }

/** Returns the kinds of guardrail for which both arms have a query. */
export function supportedBy({ baseline, canary }: ByVariant<ArmQueries>): readonly Guardrail['kind'][] {
  const kinds = Object.keys(NEEDS) as (keyof typeof NEEDS)[]
  return kinds.filter((kind) => baseline[NEEDS[kind]] !== undefined && canary[NEEDS[kind]] !== undefined)
}
