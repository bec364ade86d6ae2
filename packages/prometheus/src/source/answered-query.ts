import { CanaryError } from '@model-canary/core'
import type { PlannedQuery } from './plan.js'
import { keyOf, type Sample, type Series } from './series.js'
import type { Strand } from './strand.js'

/** A query and the series it returned. */
export interface AnsweredQuery {
  readonly query: PlannedQuery
  readonly series: readonly Series[]
}

/**
 * Returns the results of an arm's queries as parts of counters.
 *
 * A series that `requests` also selects is taken from the result of `requests`. Otherwise, if a scrape ends between two
 * queries, an error could appear before its request, and the successes would seem to fall. The results of expressions
 * have no name and are used as they are.
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
      `${name}: ${short(text)} yields ${series.length} series; add them up with sum(), or pass a selector`,
    )
  }
  const isCount = ([, value]: Sample) =>
    values === 'signed' || (value >= 0 && (values === 'positive' || isWhole(value)))
  for (const { samples } of series) {
    const wrong = samples.find((sample) => !isCount(sample))
    if (wrong === undefined) continue
    throw new CanaryError(
      'QUERY_NOT_A_COUNT',
      `${name}: ${short(text)} is ${wrong[1]}; pass a counter of whole requests`,
    )
  }
}

/** Whether a value is a whole number, apart from rounding errors in sums of counters. */
const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) <= 1e-6

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)
