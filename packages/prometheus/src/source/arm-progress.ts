import { CanaryError } from '@model-canary/core'
import { type Fold, foldOn, type Strand } from './fold.js'
import type { PlannedQuery } from './plan.js'
import { isBornAt, noScraping, type Scraping, scrapingWith } from './scraping.js'
import { keyOf, type Sample, type Series } from './series.js'

/** How far one arm has been counted. */
export interface ArmProgress {
  readonly scraping: Scraping
  /** By kind of query. */
  readonly folds: ReadonlyMap<string, Fold>
}

/** An arm of which nothing has been read. */
export const nothingRead: ArmProgress = { scraping: noScraping, folds: new Map() }

/** What one query answered. */
export interface AnsweredQuery {
  readonly query: PlannedQuery
  readonly series: readonly Series[]
}

/**
 * An arm's progress with what its queries answered, all for the same time.
 *
 * @throws `QUERY_AMBIGUOUS`, `QUERY_NOT_A_COUNT`
 */
export function readOn(before: ArmProgress, answers: readonly AnsweredQuery[], zeroAt: number): ArmProgress {
  answers.forEach(refuseUncountable)
  const selected = answers.filter(({ query }) => query.resolutionMs === null)
  const scraping = scrapingWith(before.scraping, selected.flatMap(keyedSamples))
  const context = { zeroAt, isBorn: (at: number) => isBornAt(at, zeroAt, scraping) }
  const never = { zeroAt, isBorn: () => false } // where an expression comes from cannot be told
  const folds = new Map(before.folds)
  const kinds = new Set(answers.map(({ query }) => query.kind))
  for (const kind of kinds) {
    const own = answers.filter(({ query }) => query.kind === kind)
    const isExpression = own.some(({ query }) => query.resolutionMs !== null)
    folds.set(kind, foldOn(folds.get(kind) ?? new Map(), strandsOf(own, selected), isExpression ? never : context))
  }
  return { scraping, folds }
}

/** When the newest sample of a kind was taken; `-Infinity` where there has been none. */
export function newestOf({ folds }: ArmProgress, kind: string): number {
  let newest = Number.NEGATIVE_INFINITY
  for (const { parts } of folds.get(kind)?.values() ?? []) {
    for (const { lastAt } of parts.values()) newest = Math.max(newest, lastAt)
  }
  return newest
}

/**
 * A series that `requests` selects too is taken from there: a scrape that ends between two queries must not
 * show an error of a request that is not there yet, for the successes would seem to fall when it is.
 * What expressions yield has no name, and is left as it is.
 */
function strandsOf(own: readonly AnsweredQuery[], selected: readonly AnsweredQuery[]): readonly Strand[] {
  const requests = new Map(
    selected
      .filter(({ query }) => query.kind === 'requests')
      .flatMap(({ series }) => series.map((one) => [keyOf(one), one])),
  )
  return own.flatMap(({ query, series }) => series.map((one) => query.toStrand(requests.get(keyOf(one)) ?? one)))
}

function keyedSamples({ query, series }: AnsweredQuery): readonly (readonly [string, readonly Sample[]])[] {
  return series.map((one) => [`${query.name} ${keyOf(one)}`, one.samples] as const)
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
