import { CanaryError } from '@model-canary/core'
import type { AnsweredQuery } from './answered-query.js'
import type { ArmProgress } from './arm-progress.js'
import type { PlannedQuery } from './plan.js'
import { selector } from './selector.js'
import { keyOf, labelOf, type Series } from './series.js'
import { targetOf } from './target.js'

/** When what was scraped began to count, as far as Prometheus knows, in milliseconds since 1970: by target. */
export type Births = ReadonlyMap<string, number>

/** A query for times at which something began. */
export interface BirthQuery {
  readonly text: string
  /** Whose births its series tell. */
  readonly of: readonly Series[]
}

/** So many processes are asked for in one query. */
const AT_ONCE = 50

/** Labels of a counter's parts: the whole of it began at one time. */
const OF_PARTS = ['__name__', 'le', 'quantile']

/** The series that come into sight in mid-step, with nothing at their side that was seen before: nobody saw them begin. */
export function strangers(
  { folds }: ArmProgress,
  answers: readonly AnsweredQuery[],
  zeroAt: number,
  known: Births,
): readonly Series[] {
  const seenBefore = new Map<string, Set<number>>() // by target: when a series was sampled that had been sampled before
  const fresh: Series[] = []
  for (const { query, series } of answers) {
    if (query.resolutionMs !== null || query.values !== 'counts') continue
    for (const one of series) {
      const firstAt = one.samples[0]?.[0] ?? zeroAt
      const isKnown = folds.get(query.kind)?.has(query.toStrand(one).group) === true
      if (firstAt > zeroAt && !isKnown) fresh.push(one)
      const target = targetOf(one)
      const times = seenBefore.get(target) ?? new Set()
      seenBefore.set(target, times)
      for (const [at] of one.samples) if (isKnown || at > firstAt) times.add(at)
    }
  }
  return fresh.filter((one) => {
    const target = targetOf(one)
    return target !== '' && !known.has(target) && seenBefore.get(target)?.has(one.samples[0]![0]) !== true
  })
}

/** What to ask Prometheus about them: the counters' own `_created`, and when their processes started. */
export function birthQueries(
  unknown: readonly Series[],
  plan: readonly PlannedQuery[],
  startTimes: string | undefined,
): readonly BirthQuery[] {
  const queries: BirthQuery[] = []
  const names = new Set(unknown.map((series) => labelOf(series, '__name__')))
  for (const name of names) {
    const created = `${name.replace(/_(total|bucket|sum|count)$/, '')}_created`
    const own = plan.find(({ text }) => text.startsWith(name) && /^\s*(\{|$)/.test(text.slice(name.length)))
    if (name !== '' && own !== undefined) {
      queries.push({ text: `${created}${own.text.slice(name.length)}`, of: unknown })
    }
  }
  if (startTimes !== undefined) return [...queries, { text: startTimes, of: unknown }]
  for (const label of ['instance', 'pod']) {
    const values = [...new Set(unknown.map((series) => labelOf(series, label)))].filter((value) => value !== '')
    for (let at = 0; at < values.length; at += AT_ONCE) {
      const some = values
        .slice(at, at + AT_ONCE)
        .map(literal)
        .join('|')
      queries.push({ text: selector('process_start_time_seconds', [[label, '=~', some]]), of: unknown })
    }
    if (values.length > 0) break
  }
  return queries
}

/** The births that an answer tells: of each target the earliest, since what may be older is not known to be new. */
export function birthsIn({ of }: BirthQuery, answer: readonly Series[], known: Births): Births {
  const births = new Map(known)
  for (const series of answer) {
    const value = series.samples.at(-1)?.[1]
    if (value === undefined || !(value > 0)) continue
    const at = value * 1_000
    for (const one of of) {
      const target = targetOf(one)
      if (!isOfSame(series, one)) continue
      births.set(target, Math.min(births.get(target) ?? at, at))
    }
  }
  return births
}

/** Whether a birth cannot be had, and is no reason to fail: a server without such a metric, or without leave to read it. */
export function isUnanswerable(error: unknown): boolean {
  return error instanceof CanaryError && error.code !== 'PROMETHEUS_UNREACHABLE'
}

/** Whether two series bear the same labels, as far as both have them, and name the same process. */
function isOfSame(birth: Series, counter: Series): boolean {
  if (keyOf(birth, OF_PARTS) === keyOf(counter, OF_PARTS)) return true
  const isProcess = ['instance', 'pod'].some((label) => labelOf(birth, label) !== '' && labelOf(birth, label) === labelOf(counter, label)) // biome-ignore format: one condition
  const agrees = ([name, value]: readonly [string, string]) =>
    name === '__name__' || labelOf(counter, name) === '' || labelOf(counter, name) === value
  return isProcess && birth.labels.every(agrees) && !labelOf(birth, '__name__').endsWith('_created')
}

/** A text as a regular expression that matches nothing else. */
const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
