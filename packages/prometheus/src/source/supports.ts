import type { ByVariant, Guardrail } from '@model-canary/core'
import type { ArmQueries } from './arm-queries.js'

/** Which queries a kind of guardrail lives on. Who was rejected cannot be told from counters: they have no callers. */
const NEEDS: Readonly<Record<Exclude<Guardrail['kind'], 'rejectedRate'>, keyof ArmQueries>> = {
  errorRate: 'errors',
  timeoutRate: 'timeouts',
  abortRate: 'aborted',
  unansweredRate: 'unanswered',
  latency: 'durations',
  tailLatency: 'durations',
  predictionShift: 'predictions',
  scoreShift: 'score',
  metric: 'metrics',
}

/** The kinds of guardrail for which both arms have a query. */
export function supportedBy({ baseline, canary }: ByVariant<ArmQueries>): readonly Guardrail['kind'][] {
  const kinds = Object.keys(NEEDS) as (keyof typeof NEEDS)[]
  return kinds.filter((kind) => baseline[NEEDS[kind]] !== undefined && canary[NEEDS[kind]] !== undefined)
}
