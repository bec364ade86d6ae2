import { CanaryError } from '@model-canary/core'
import type { AnsweredQuery } from './answered-query.js'
import type { ArmProgress } from './arm-progress.js'
import type { PlannedQuery } from './plan.js'
import { selector } from './selector.js'
import { keyOf, labelOf, type Series } from './series.js'
import { targetOf } from './target.js'

/** The known times at which targets started to count, in milliseconds since 1970. */
export type Births = ReadonlyMap<string, number>

/** A query for start times. */
export interface BirthQuery {
  readonly text: string
  /** Whether it returns the creation times of counters, and not the start times of processes. */
  readonly isOfCounters: boolean
}

/** How many processes one query asks for. */
const AT_ONCE = 50

/** The labels that name a process. */
const PROCESS_LABELS = ['instance', 'pod']

/** The labels that tell the parts of one counter apart. All its parts start at the same time. */
const OF_PARTS = ['__name__', 'le', 'quantile']

/** Returns series of unknown start: they appear within a step, without an earlier series of their target. */
export function strangers(
  { folds }: ArmProgress,
  answers: readonly AnsweredQuery[],
  zeroAt: number,
  known: Births,
): readonly Series[] {
  const seenBefore = new Map<string, Set<number>>() // by target: sample times of series that were seen before
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

/** Returns the queries for the start of unknown series: the counters' `_created`, and their processes' start times. */
export function birthQueries(
  unknown: readonly Series[],
  plan: readonly PlannedQuery[],
  startTimes: string | undefined,
): readonly BirthQuery[] {
  const queries: BirthQuery[] = []
  for (const name of new Set(unknown.map((series) => labelOf(series, '__name__')))) {
    const own = plan.find(({ text }) => text.startsWith(name) && /^\s*(\{|$)/.test(text.slice(name.length)))
    if (name === '' || own === undefined) continue
    const created = `${name.replace(/_(total|bucket|sum|count)$/, '')}_created`
    queries.push({ text: `${created}${own.text.slice(name.length)}`, isOfCounters: true })
  }
  if (startTimes !== undefined) return [...queries, { text: startTimes, isOfCounters: false }]
  const label = PROCESS_LABELS.find((label) => unknown.some((series) => labelOf(series, label) !== ''))
  if (label === undefined) return queries
  const values = [...new Set(unknown.map((series) => labelOf(series, label)))].filter((value) => value !== '')
  for (let at = 0; at < values.length; at += AT_ONCE) {
    const some = values.slice(at, at + AT_ONCE).map(literal)
    const text = selector('process_start_time_seconds', [[label, '=~', some.join('|')]])
    queries.push({ text, isOfCounters: false })
  }
  return queries
}

/**
 * Returns the start times in a query's result. If there are several for a target, the earliest counts, because the
 * series may be that old. If an earlier scrape of the process lacked the series, the series started after that scrape.
 */
export function birthsIn(
  { isOfCounters }: BirthQuery,
  answer: readonly Series[],
  unknown: readonly Series[],
  known: Births,
): Births {
  const births = new Map(known)
  const sought = new Map<string, Series[]>()
  for (const series of oneOfEach(unknown, isOfCounters ? (one) => keyOf(one, OF_PARTS) : targetOf)) {
    for (const place of isOfCounters ? [keyOf(series, OF_PARTS)] : placesOf(series)) {
      sought.set(place, [...(sought.get(place) ?? []), series])
    }
  }
  for (const series of answer) {
    const places = isOfCounters ? [keyOf(series, OF_PARTS)] : placesOf(series)
    for (const one of new Set(places.flatMap((place) => sought.get(place) ?? []))) {
      const target = targetOf(one)
      if (!isOfCounters && (known.has(target) || !agrees(series, one))) continue
      const at = isOfCounters ? startIn(series) : beganBy(series, one)
      if (at > 0) births.set(target, Math.min(births.get(target) ?? at, at))
    }
  }
  return births
}

/** Returns the earliest time at which a process may have created a series: its start, or a scrape without it. */
function beganBy(process: Series, { samples }: Series): number {
  const firstAt = samples[0]![0]
  const isSeenWith = process.samples.some(([at]) => at === firstAt)
  const before = process.samples.findLast(([at]) => at < firstAt)?.[0]
  return Math.max(startIn(process), isSeenWith && before !== undefined ? before : 0)
}

/** Converts the latest sample from seconds to milliseconds; 0 if there is none. */
const startIn = ({ samples }: Series): number => (samples.at(-1)?.[1] ?? 0) * 1_000

/** Whether a start time is merely not available, such as for lack of the metric or of permission to read it. */
export function isUnanswerable(error: unknown): boolean {
  return error instanceof CanaryError && error.code !== 'PROMETHEUS_UNREACHABLE'
}

/** Returns texts that identify the process of a series. */
function placesOf(series: Series): readonly string[] {
  const named = PROCESS_LABELS.map((label) => [label, labelOf(series, label)] as const)
  return named.filter(([, value]) => value !== '').map(([label, value]) => `${label} ${value}`)
}

/** Whether the labels that both series have are equal. */
function agrees(process: Series, counter: Series): boolean {
  return process.labels.every(([name, value]) => {
    const own = labelOf(counter, name)
    return name === '__name__' || own === '' || own === value
  })
}

function oneOfEach(series: readonly Series[], keyFor: (one: Series) => string): readonly Series[] {
  return [...new Map(series.map((one) => [keyFor(one), one])).values()]
}

/** Escapes a text for use in a regular expression. */
const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
