import type { Guardrail } from '../../guardrails/guardrail.js'
import { dispersionOverTime, dispersionOverUsers } from '../../statistics/dispersion.js'
import { type Moments, varianceOf } from '../../statistics/moments.js'
import type { Clusters } from '../../summaries/clusters.js'
import type { Summary } from '../../summaries/summary.js'
import type { Frozen } from './freeze.js'
import { type Past, spreadOf, totalOf } from './past.js'
import type { EvidencePolicy } from './policy.js'
import type { Subject } from './question.js'
import { questionsOf } from './questions.js'
import { tallyOf } from './tally.js'

/** Less than this is taken for chance. */
const WORTH_IT = 1.5

/** What the noise of the baseline is known from. */
export interface Noise {
  readonly past: Past
  readonly frozen: readonly (Frozen | null)[]
  readonly guardrails: readonly Guardrail[]
  readonly clusters: Clusters | null | undefined
  /** Who is split: only a split of users can put a heavy one into one arm for good. */
  readonly unit: 'request' | 'key'
}

/** By how much each guardrail's evidence is tempered: 1 where requests are as good as independent. */
export function dispersionsOf(
  { past, frozen, guardrails, clusters, unit }: Noise,
  policy: EvidencePolicy,
): readonly number[] {
  const total = totalOf(past)
  return guardrails.map((guardrail, at) =>
    questionsOf(guardrail, frozen[at]!).reduce((most, question) => {
      const all = tallyOf(question.subject, total)
      const spread = spreadOf(past, question)
      const overUsers =
        unit === 'key' && clusters
          ? overUsersOf(question.subject, clusters, varianceIn(question.subject, all, total))
          : 1
      const found = Math.max(dispersionOverTime(spread, all), overUsers)
      const known = found > WORTH_IT ? found : 1
      const isShort = spread.pairs + 1 < policy.minWindows
      return Math.max(most, isShort ? Math.max(known, policy.cautiousDispersion) : known)
    }, 1),
  )
}

const US_PER_MS = 1_000

/** The variance of what the places sum up: of latencies as they are, and not as a mean caps them. */
function varianceIn({ kind }: Subject, all: Moments, { latencyUs }: Summary): number {
  const isLatency = kind === 'latency' || kind === 'tail'
  return (isLatency ? (varianceOf(latencyUs) ?? 0) / US_PER_MS ** 2 : varianceOf(all)) ?? 0
}

function overUsersOf(subject: Subject, clusters: Clusters, variance: number): number {
  const [counts, sums] = columnsOf(subject, clusters) ?? []
  return counts === undefined || sums === undefined ? 1 : dispersionOverUsers(counts, sums, variance)
}

/** Which sums of the places answer a question; of tails, scores and metrics the places know nothing but the mean latency. */
function columnsOf(
  subject: Subject,
  clusters: Clusters,
): readonly [counts: readonly number[], sums: readonly number[]] | undefined {
  const { answered, finished, predicted, predictions } = clusters
  switch (subject.kind) {
    case 'errorRate':
      return [answered, clusters.errors]
    case 'timeoutRate':
      return [answered, clusters.timeouts]
    case 'abortRate':
      return [finished, clusters.aborted]
    case 'unansweredRate':
      return clusters.decided && clusters.unanswered && [clusters.decided, clusters.unanswered]
    case 'latency':
    case 'tail':
      return [answered, clusters.latencyMs]
    case 'class': {
      const sums = predictions.find(([label]) => label === subject.label)?.[1]
      return sums && [predicted, sums]
    }
    default:
      return undefined
  }
}
