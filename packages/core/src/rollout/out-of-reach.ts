import type { Guardrail } from '../guardrails/guardrail.js'
import { isOfLatency } from '../guardrails/kind-of.js'
import type { Check } from '../judging/judge.js'

/** The longest time that a proof may take, in milliseconds. */
const WEEK_MS = 7 * 86_400_000

/**
 * Says which latency margin cannot be proved within a week at the present traffic and noise; `undefined` for none.
 *
 * The interval of a difference narrows with the square root of the time, and has to become as narrow as the margin.
 *
 * @param elapsedMs time in which the evidence was gathered
 */
export function outOfReach(
  checks: readonly Check[],
  guardrails: readonly Guardrail[],
  elapsedMs: number,
): string | undefined {
  for (const { guardrail, outcome, severity, margin, evidence } of checks) {
    const kind = guardrails.find(({ name }) => name === guardrail)
    const interval = evidence?.interval ?? null
    if (kind === undefined || !isOfLatency(kind) || outcome !== 'undecided' || severity === 'observe') continue
    if (interval === null || margin <= 0 || elapsedMs <= 0) continue
    const width = (interval.high - interval.low) / 2
    const needsMs = elapsedMs * (width / margin) ** 2
    const etaMs = evidence?.etaMs ?? needsMs
    if (needsMs <= WEEK_MS || etaMs <= WEEK_MS) continue
    const days = Math.round(Math.min(needsMs, 1e15) / 86_400_000)
    return `${guardrail} needs about ${days} days at the present traffic and noise: its margin of ${margin} ms is too narrow`
  }
  return undefined
}
