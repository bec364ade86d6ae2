import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Thresholds } from '../../guardrails/guardrail-kind.js'
import type { Statistic } from '../../guardrails/hypothesis.js'
import { noisesOf } from '../../guardrails/kind-of.js'
import { dispersionOverTime, dispersionOverUsers } from '../../statistics/dispersion.js'
import { varianceOf } from '../../statistics/moments.js'
import type { Clusters } from '../../summaries/clusters.js'
import type { Summary } from '../../summaries/summary.js'
import { type BaselineHistory, historySummaryOf, spreadOf } from './baseline-history.js'
import type { EvidencePolicy } from './policy.js'

/** A smaller dispersion is attributed to chance. */
const WORTH_IT = 1.5

/** The data from which the baseline's noise is estimated. */
export interface Noise {
  readonly baselineHistory: BaselineHistory
  readonly clusters: Clusters | null | undefined
  /** The unit of the split. Only a split of users can put a heavy user into one arm permanently. */
  readonly unit: 'request' | 'key'
}

/**
 * Returns the factor φ by which a guardrail's evidence is tempered: 1 if requests are practically independent.
 *
 * The largest dispersion over time, and over users if users are split, of all statistics of the guardrail. Evidence is
 * raised to the power 1/φ, as φ dependent requests carry about as much information as one independent request. φ is at
 * least `cautiousDispersion` until `minWindows` windows are known. This is an estimate, not a bound.
 */
export function dispersionOf(
  guardrail: Guardrail,
  thresholds: Thresholds | null,
  { baselineHistory, clusters, unit }: Noise,
  policy: EvidencePolicy,
): number {
  const total = historySummaryOf(baselineHistory)
  const noises = noisesOf(guardrail, thresholds).map((hypothesis) => {
    return { hypothesis, spread: spreadOf(baselineHistory, hypothesis) }
  })
  const isShort = noises.every(({ spread }) => spread.pairs + 1 < policy.minWindows) // a rare class may come and go
  return noises.reduce((most, { hypothesis, spread }) => {
    const all = hypothesis.statistic.momentsOf(total)
    const overUsers = unit === 'key' && clusters ? overUsersOf(hypothesis.statistic, clusters, total) : 1
    const found = Math.max(dispersionOverTime(spread, all), overUsers)
    const known = found > WORTH_IT ? found : 1
    return Math.max(most, isShort ? Math.max(known, policy.cautiousDispersion) : known)
  }, 1)
}

/** Returns the dispersion over users, or 1 if the statistic is not kept by user. */
function overUsersOf({ byUser, momentsOf }: Statistic, clusters: Clusters, history: Summary): number {
  const columns = byUser?.sumsOf(clusters)
  if (columns === undefined) return 1
  const [counts, sums] = columns
  return dispersionOverUsers(counts, sums, byUser?.varianceOf?.(history) ?? varianceOf(momentsOf(history)) ?? 0)
}
