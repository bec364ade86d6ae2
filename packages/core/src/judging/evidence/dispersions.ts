import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis, Statistic } from '../../guardrails/hypothesis.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { dispersionOfDifferences } from '../../statistics/difference-dispersion.js'
import { dispersionOverUsers } from '../../statistics/dispersion.js'
import { varianceOf } from '../../statistics/moments.js'
import { total } from '../../statistics/total.js'
import type { Clusters } from '../../summaries/clusters.js'
import type { Summary } from '../../summaries/summary.js'
import type { GuardrailState } from './evidence.js'
import { changed, type HypothesisState } from './hypothesis-state.js'
import { ifWorthIt } from './past-dispersion.js'
import { type Dispersion, noDispersion } from './window-noise.js'

/** Users who are split, and who differ: a heavy user stays in one arm permanently. */
export interface SplitUsers {
  /** The baseline's counts by user since the beginning, and before the rollout. */
  readonly clusters: Clusters
  readonly before: Clusters | null | undefined
  /** All of the baseline's history. */
  readonly history: Summary
  /** Whether the arm of the canary is as small as in a warm-up. */
  readonly isSmallArm: boolean
}

/**
 * Returns a guardrail's hypotheses with the factors φ by which their evidence is tempered: 1 if requests are practically
 * independent.
 *
 * The dispersion over time, or over users if users are split, it is larger, and their difference is not known.
 * Hypotheses that are tested together get the largest: of several classes, each is a part of the others. Evidence is
 * raised to the power 1/φ, as φ dependent requests carry about as much information as one independent request. This is
 * an estimate, not a bound.
 */
export function withDispersions(
  guardrail: Guardrail,
  { thresholds, hypotheses: states }: GuardrailState,
  users: SplitUsers | null,
): readonly HypothesisState[] {
  const hypotheses = hypothesesOf(guardrail, thresholds)
  const found = hypotheses.map(({ statistic, noise }, at): Dispersion => {
    if (noise === 'shared') return noDispersion
    const { differences, past } = states[at]!.noise
    const overUsers = users === null || states[at]!.users !== null ? 1 : ifWorthIt(overUsersOf(statistic, users))
    const over = (known: number) => Math.max(overUsers, ifWorthIt(dispersionOfDifferences(differences, known)))
    return { whole: over(past.whole), trimmed: over(past.trimmed) }
  })
  const largest = new Map<string, Dispersion>()
  found.forEach((dispersion, at) => {
    const test = testOf(hypotheses[at]!)
    largest.set(test, largerOf(largest.get(test) ?? dispersion, dispersion))
  })
  return states.map((state, at) => changed(state, { dispersion: largest.get(testOf(hypotheses[at]!))! }))
}

/** Names the test that a hypothesis is a part of. */
const testOf = ({ tested, limit }: Hypothesis): string => `${tested} ${limit === null}`

const largerOf = (one: Dispersion, other: Dispersion): Dispersion => ({
  whole: Math.max(one.whole, other.whole),
  trimmed: Math.max(one.trimmed, other.trimmed),
})

/**
 * Returns the dispersion over users of the requests of this rollout, or 1 if the statistic is not kept by user.
 *
 * That users differ is known best from all requests. χ² less its expectation grows with the number of requests, so that
 * of the rollout is the part that its requests are of all. In a small arm all of it counts: one heavy user may make most
 * of the arm's requests there.
 */
function overUsersOf({ byUser, momentsOf }: Statistic, { clusters, before, history, isSmallArm }: SplitUsers): number {
  const columns = byUser?.sumsOf(clusters)
  if (columns === undefined) return 1
  const [counts, sums] = columns
  const variance = byUser?.varianceOf?.(history) ?? varianceOf(momentsOf(history)) ?? 0
  const ofAll = dispersionOverUsers(counts, sums, variance)
  if (isSmallArm) return ofAll
  return 1 + (ofAll - 1) * partSince(total(counts), total((before && byUser?.sumsOf(before)?.[0]) ?? []))
}

/** Returns the part of all requests that came after the first `before`; all of them if counting began anew. */
const partSince = (all: number, before: number): number => (before > all || all === 0 ? 1 : (all - before) / all)
