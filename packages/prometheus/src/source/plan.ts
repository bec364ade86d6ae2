import type { ArmQueries, CounterQuery, MomentQueries } from './arm-queries.js'
import { keyOf, labelOf, type Series } from './series.js'
import type { Strand } from './strand.js'
import { targetOf } from './target.js'

/** One query of an arm, and how its series become counted parts. */
export interface PlannedQuery {
  /** The name in messages, such as `requests` or `metrics.conversion.sum`. */
  readonly name: string
  /** Queries of the same kind are counted together, so that a reset seen in one is applied to the others. */
  readonly kind: string
  readonly text: string
  /** The interval between evaluations if `text` is an expression; `null` for a selector. */
  readonly resolutionMs: number | null
  /** The allowed values: whole numbers from 0 up, any number from 0 up, or any number. */
  readonly values: 'counts' | 'positive' | 'signed'
  readonly toStrand: (series: Series) => Strand
}

/** The kinds of an arm's plain counts. */
export const OUTCOME_KINDS = [
  'requests',
  'errors',
  'unreached',
  'timeouts',
  'aborted',
  'decided',
  'unanswered',
] as const

/** The default interval between evaluations of an expression. */
const DEFAULT_RESOLUTION_MS = 15_000

/** Returns the queries of one arm. */
export function planOf(queries: ArmQueries): readonly PlannedQuery[] {
  const { durations, predictions, score, metrics = {} } = queries
  const planned: PlannedQuery[] = []
  for (const kind of OUTCOME_KINDS)
    if (queries[kind] !== undefined) planned.push(...counterQueries(kind, queries[kind]))
  if (durations !== undefined) {
    const { buckets, sum, squares } = durations
    planned.push(partQuery('durations', 'buckets', buckets, 'counts', (series) => `le:${labelOf(series, 'le')}`))
    if (sum !== undefined) planned.push(partQuery('durations', 'sum', sum, 'positive'))
    if (squares !== undefined) planned.push(partQuery('durations', 'squares', squares, 'positive'))
  }
  if (predictions !== undefined) {
    const { selector, label } = predictions
    planned.push({
      ...counterQuery('predictions', 'predictions', selector),
      toStrand: (series) => ({ ...counterStrand('predictions', series), part: labelOf(series, label) }),
    })
  }
  if (score !== undefined) planned.push(...momentQueries('score', score))
  for (const [name, moments] of Object.entries(metrics)) planned.push(...momentQueries(`metrics.${name}`, moments))
  return planned
}

function counterQueries(kind: string, query: CounterQuery): readonly PlannedQuery[] {
  if (typeof query === 'string') return [counterQuery(kind, kind, query)]
  if (isSeveral(query)) return query.map((text, at) => counterQuery(at === 0 ? kind : `${kind}[${at}]`, kind, text))
  const { expression, resolutionMs = DEFAULT_RESOLUTION_MS } = query
  const own = { kind, group: '', part: '', target: `=${kind}`, onFall: 'lose' } as const
  const toStrand = ({ samples }: Series): Strand => ({ ...own, samples })
  return [{ name: kind, kind, values: 'counts', text: expression, resolutionMs, toStrand }]
}

const isSeveral = (query: CounterQuery): query is readonly string[] => Array.isArray(query)

function counterQuery(name: string, kind: string, text: string): PlannedQuery {
  const toStrand = (series: Series): Strand => counterStrand(kind, series)
  return { name, kind, values: 'counts', text, resolutionMs: null, toStrand }
}

function counterStrand(kind: string, series: Series): Strand {
  const { samples } = series
  return { kind, group: keyOf(series), part: '', target: targetOf(series), onFall: 'reset', samples }
}

function momentQueries(kind: string, { count, sum, squares }: MomentQueries): readonly PlannedQuery[] {
  const always = [partQuery(kind, 'count', count, 'counts'), partQuery(kind, 'sum', sum, 'signed')]
  return squares === undefined ? always : [...always, partQuery(kind, 'squares', squares, 'positive')]
}

/** Returns a query for a part of a histogram or a summary. Series that differ only in name and edge form a group. */
function partQuery(
  kind: string,
  role: string,
  text: string,
  values: PlannedQuery['values'],
  partOf: (series: Series) => string = () => role,
): PlannedQuery {
  return {
    name: `${kind}.${role}`,
    kind,
    text,
    resolutionMs: null,
    values,
    toStrand: (series) => ({
      kind,
      group: keyOf(series, ['__name__', 'le']),
      part: partOf(series),
      target: targetOf(series),
      onFall: values === 'counts' ? 'reset' : 'follow',
      samples: series.samples,
    }),
  }
}
