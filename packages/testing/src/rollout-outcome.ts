import type { Decision } from '@model-canary/core'
import type { Simulation } from './simulate.js'

/** What is kept of one of many rollouts. Plain data. */
export interface RolloutOutcome {
  /** How it ended by the horizon. */
  readonly end: 'promoted' | 'rolledBack' | 'undecided'
  /** Time from the start to the end, or to the horizon, in milliseconds. */
  readonly elapsedMs: number
  /** Calls of the canary. */
  readonly canaryRequests: number
  /** How many different keys the canary served; `null` without keys. */
  readonly canaryUsers: number | null
  /** What rolled it back: guardrails, `tripwire`, `warm-up` or `stall`. */
  readonly causes: readonly string[]
}

/** Returns what a simulation comes to, without its history. */
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
