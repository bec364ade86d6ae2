import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Thresholds } from '../../guardrails/guardrail-kind.js'
import type { Statistic } from '../../guardrails/hypothesis.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { dispersionOverTime, dispersionOverUsers } from '../../statistics/dispersion.js'
import { varianceOf } from '../../statistics/moments.js'
import type { Clusters } from '../../summaries/clusters.js'
import type { Summary } from '../../summaries/summary.js'
import { type BaselineHistory, historySummaryOf, spreadOf } from './baseline-history.js'
import type { EvidencePolicy } from './policy.js'

/** Less than this is taken for chance. */
const WORTH_IT = 1.5

/** What the noise of the baseline is known from. */
export interface Noise {
  readonly baselineHistory: BaselineHistory
  readonly clusters: Clusters | null | undefined
  /** Who is split: only a split of users can put a heavy one into one arm for good. */
  readonly unit: 'request' | 'key'
}

/** By how much a guardrail's evidence is tempered: 1 where requests are as good as independent. */
export function dispersionOf(
  guardrail: Guardrail,
  thresholds: Thresholds | null,
  { baselineHistory, clusters, unit }: Noise,
  policy: EvidencePolicy,
): number {
  const total = historySummaryOf(baselineHistory)
  return hypothesesOf(guardrail, thresholds).reduce((most, hypothesis) => {
    const all = hypothesis.statistic.momentsOf(total)
    const spread = spreadOf(baselineHistory, hypothesis)
    const overUsers = unit === 'key' && clusters ? overUsersOf(hypothesis.statistic, clusters, total) : 1
    const found = Math.max(dispersionOverTime(spread, all), overUsers)
    const known = found > WORTH_IT ? found : 1
    const isShort = spread.pairs + 1 < policy.minWindows
    return Math.max(most, isShort ? Math.max(known, policy.cautiousDispersion) : known)
  }, 1)
}

/** How many times noisier the users are than independent requests; 1 where nothing is kept of them. */
function overUsersOf({ byUser, momentsOf }: Statistic, clusters: Clusters, history: Summary): number {
  const columns = byUser?.sumsOf(clusters)
  if (columns === undefined) return 1
  const [counts, sums] = columns
  return dispersionOverUsers(counts, sums, byUser?.varianceOf?.(history) ?? varianceOf(momentsOf(history)) ?? 0)
}
