import type { Guardrail } from '../guardrails/guardrail.js'
import { emptySummary, predictionCount, type Summary } from '../summaries/summary.js'

/** From this many requests of the canary on, a guardrail without values is reported. */
const ENOUGH = 100

/**
 * Says which guardrails no value of the canary has reached in this step, although enough of its requests were finished,
 * and what the likely cause is; `undefined` for none.
 *
 * @param counted what was counted of the canary in this step
 */
export function noValues(
  guardrails: readonly Guardrail[],
  counted: Summary | undefined,
  canaryRequests: number,
): string | undefined {
  if (counted === undefined || canaryRequests < ENOUGH) return undefined
  const whole = { ...emptySummary(), ...counted } // a source may leave fields out
  const told = guardrails
    .filter((guardrail) => valuesOf(guardrail, whole) === 0)
    .map(
      (guardrail) => `${guardrail.name}: no value came with ${canaryRequests} canary requests; ${causeOf(guardrail)}`,
    )
  return told.length === 0 ? undefined : told.join(' ')
}

/** Returns the number of values that a guardrail has, or of bins; `undefined` if it counts every request. */
export function valuesOf(
  guardrail: Guardrail,
  { latencyUs, latencyBins, score, metrics, predictions }: Summary,
): number | undefined {
  if (guardrail.kind === 'metric') return metrics.find(([name]) => name === guardrail.metric)?.[1].count ?? 0
  if (guardrail.kind === 'scoreShift') return score.count
  if (guardrail.kind === 'predictionShift') return predictionCount(predictions)
  if (guardrail.kind === 'tailLatency') return latencyBins.length
  return guardrail.kind === 'latency' ? latencyUs.count : undefined
}

/** Returns the likely cause of missing values. */
function causeOf(guardrail: Guardrail): string {
  if (guardrail.kind === 'metric') {
    const typo = `is "${guardrail.metric}" spelt as metricsOf or the source spells it?`
    return `${typo} metricsOf is not called for streams: use track() there`
  }
  if (guardrail.kind === 'scoreShift') return 'does scoreOf return a number? It is not called for streams'
  if (guardrail.kind === 'predictionShift') return 'does predictionOf return a class? It is not called for streams'
  if (guardrail.kind === 'tailLatency') return 'does the source count durations in bins?'
  return 'does the source count durations?'
}
