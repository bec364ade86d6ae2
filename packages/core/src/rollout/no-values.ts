import type { Guardrail } from '../guardrails/guardrail.js'
import type { Check } from '../judging/judge.js'

/** From this many requests of the canary on, a guardrail without a single value is told of. */
const ENOUGH = 100

/**
 * Says which guardrails no value of the canary has reached in this step, although enough of its requests were finished,
 * and what the likely cause is; `undefined` for none.
 */
export function noValues(
  checks: readonly Check[],
  guardrails: readonly Guardrail[],
  canaryRequests: number,
): string | undefined {
  if (canaryRequests < ENOUGH) return undefined
  const told = checks.flatMap(({ guardrail, samples }) => {
    const kind = guardrails.find(({ name }) => name === guardrail)
    const cause = kind === undefined || samples.canary > 0 ? undefined : causeOf(kind)
    return cause === undefined ? [] : [`${guardrail}: no value came with ${canaryRequests} canary requests; ${cause}`]
  })
  return told.length === 0 ? undefined : told.join(' ')
}

/** Why no value comes; `undefined` for what is counted with every request. */
function causeOf(guardrail: Guardrail): string | undefined {
  if (guardrail.kind === 'metric') {
    const typo = `is "${guardrail.metric}" spelt as metricsOf or the source spells it?`
    return `${typo} metricsOf is not called for streams: use track() there`
  }
  if (guardrail.kind === 'scoreShift') return 'does scoreOf return a number? It is not called for streams'
  if (guardrail.kind === 'predictionShift') return 'does predictionOf return a class? It is not called for streams'
  if (guardrail.kind === 'tailLatency') return 'does the source count durations in bins?'
  return guardrail.kind === 'latency' ? 'does the source count durations?' : undefined
}
