import type { Decision } from '@model-canary/core'
import type { Simulation } from './simulate.js'

/** What is kept of one of many rollouts. */
export interface RolloutOutcome {
  readonly end: 'promoted' | 'rolledBack' | 'undecided'
  readonly elapsedMs: number
  readonly canaryRequests: number
  readonly canaryUsers: number | null
  readonly causes: readonly string[]
}

/** What a simulation comes to, without its history. */
export function outcomeOf({ status, history, elapsedMs, requests, users }: Simulation): RolloutOutcome {
  const end = status.state === 'promoted' ? 'promoted' : status.state === 'rolled-back' ? 'rolledBack' : 'undecided'
  const causes = end === 'rolledBack' ? causesOf(history) : []
  return { end, elapsedMs, canaryRequests: requests.canary, canaryUsers: users?.canary ?? null, causes }
}

/** The guardrails that were breached when it was rolled back, or `tripwire`, `warm-up` or `stall`. */
function causesOf(history: readonly Decision[]): readonly string[] {
  const { actor, verdict } = history.find(({ action }) => action === 'rollback')!
  if (actor === 'clock') return ['stall']
  if (actor !== 'judge') return [actor]
  if (verdict?.kind !== 'fail' || verdict.response === 'hold') return ['stall']
  const breached = verdict.checks.filter(({ outcome, severity }) => outcome === 'breached' && severity !== 'observe')
  return breached.map(({ guardrail }) => guardrail)
}
