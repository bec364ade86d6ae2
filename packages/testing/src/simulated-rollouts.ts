import { type Quantiles, quantilesOf } from './quantiles.js'
import type { RolloutOutcome } from './rollout-outcome.js'
import { type Share, shareOf } from './share.js'

/** How many rollouts ended, all with the same traffic, versions and plan. */
export interface SimulatedRollouts {
  readonly replications: number
  readonly promoted: Share
  readonly rolledBack: Share
  /** Neither promoted nor rolled back by the horizon. */
  readonly undecided: Share
  /** For promoted rollouts; `null` if there are none. */
  readonly timeToPromotionMs: Quantiles | null
  /** For rollouts that were rolled back; `null` if there are none. */
  readonly timeToRollbackMs: Quantiles | null
  /** Calls of the canary in each rollout, whatever its end. */
  readonly canaryRequests: Quantiles
  /** How many different keys the canary served in each rollout, whatever its end; `null` without `keyOf`. */
  readonly canaryUsers: Quantiles | null
  /** The causes of rollbacks, most frequent first. */
  readonly reasons: readonly RollbackReason[]
}

/** A cause of rollbacks, and how many it caused. A rollout with several breached guardrails counts for each of them. */
export interface RollbackReason {
  /** The guardrail's name, or `tripwire`, `warm-up` or `stall`. */
  readonly name: string
  readonly count: number
}

/**
 * Combines the results of many rollouts, at least one: what `simulateRollouts` returns, for rollouts that were simulated
 * elsewhere, such as in several processes.
 */
export function summarizeRollouts(outcomes: readonly RolloutOutcome[]): SimulatedRollouts {
  const trials = outcomes.length
  const ended = (how: RolloutOutcome['end']) => outcomes.filter(({ end }) => end === how)
  const timesTo = (how: RolloutOutcome['end']) => quantilesOf(ended(how).map(({ elapsedMs }) => elapsedMs))
  return {
    replications: trials,
    promoted: shareOf({ hits: ended('promoted').length, trials }),
    rolledBack: shareOf({ hits: ended('rolledBack').length, trials }),
    undecided: shareOf({ hits: ended('undecided').length, trials }),
    timeToPromotionMs: timesTo('promoted'),
    timeToRollbackMs: timesTo('rolledBack'),
    canaryRequests: quantilesOf(outcomes.map(({ canaryRequests }) => canaryRequests))!,
    canaryUsers: quantilesOf(outcomes.flatMap(({ canaryUsers }) => canaryUsers ?? [])),
    reasons: reasonsOf(outcomes.flatMap(({ causes }) => causes)),
  }
}

function reasonsOf(causes: readonly string[]): readonly RollbackReason[] {
  const counts = new Map<string, number>()
  for (const name of causes) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count)
}
