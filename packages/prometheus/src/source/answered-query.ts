import { CanaryError } from '@model-canary/core'
import type { PlannedQuery } from './plan.js'
import { keyOf, type Sample, type Series } from './series.js'
import type { Strand } from './strand.js'

/** What one query answered. */
export interface AnsweredQuery {
  readonly query: PlannedQuery
  readonly series: readonly Series[]
}

/**
 * What the queries of an arm answered, as parts of counters.
 *
 * A series that `requests` selects too is taken from there: a scrape that ends between two queries must not
 * show an error of a request that is not there yet, for the successes would seem to fall when it is.
 * What expressions yield has no name, and is left as it is.
 *
 * @throws `QUERY_AMBIGUOUS`, `QUERY_NOT_A_COUNT`
 */
export function strandsOf(answers: readonly AnsweredQuery[]): readonly Strand[] {
  answers.forEach(refuseUncountable)
  const requests = new Map(
    answers
      .filter(({ query }) => query.kind === 'requests' && query.resolutionMs === null)
      .flatMap(({ series }) => series.map((one) => [keyOf(one), one])),
  )
  return answers.flatMap(({ query, series }) =>
    series.map((one) => query.toStrand((query.resolutionMs === null && requests.get(keyOf(one))) || one)),
  )
}

function refuseUncountable({ query: { name, text, resolutionMs, values }, series }: AnsweredQuery): void {
  if (resolutionMs !== null && series.length > 1) {
    throw new CanaryError(
      'QUERY_AMBIGUOUS',
      `${name}: ${short(text)} yields ${series.length} series; add them up with sum(), or give a selector`,
    )
  }
  const isCount = ([, value]: Sample) =>
    values === 'signed' || (value >= 0 && (values === 'positive' || isWhole(value)))
  for (const { samples } of series) {
    const wrong = samples.find((sample) => !isCount(sample))
    if (wrong === undefined) continue
    throw new CanaryError(
      'QUERY_NOT_A_COUNT',
      `${name}: ${short(text)} is ${wrong[1]}; give a counter of whole requests`,
    )
  }
}

/** Sums of counters may be off in their last digits. */
const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) <= 1e-6

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)
