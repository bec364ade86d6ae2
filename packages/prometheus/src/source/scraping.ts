import type { Sample } from './series.js'

/** That an arm was being scraped: its earliest sample, and the next one of the same series. */
export interface Scraping {
  readonly series: string
  readonly firstAt: number
  readonly secondAt: number | null
}

/** How much sooner than it is due a scrape may come, as a share of the interval. */
const EARLY = 0.02

/** What is known of the scraping once these series, by key, were read as well. */
export function scrapingWith(
  before: Scraping | null,
  series: readonly (readonly [key: string, samples: readonly Sample[]])[],
): Scraping | null {
  if (before?.secondAt != null) return before
  const known = before ?? earliestOf(series)
  if (known === null) return null
  const samples = series.find(([key]) => key === known.series)?.[1]
  return { ...known, secondAt: samples?.find(([at]) => at > known.firstAt)?.[0] ?? null }
}

/**
 * Whether a series whose first sample was taken at `at` began after the window opened at `zeroAt`.
 *
 * Had it been there at `zeroAt`, or when scraping began, it would have been scraped within one interval.
 * What comes later is new, and has counted from 0. This depends on samples up to `at` alone, so that
 * whoever reads the window later decides the same.
 */
export function isBornAt(at: number, zeroAt: number, scraping: Scraping | null): boolean {
  if (scraping === null || scraping.secondAt === null || scraping.secondAt > at) return false
  const intervalMs = scraping.secondAt - scraping.firstAt
  return at >= Math.max(zeroAt, scraping.firstAt) + intervalMs * (1 - EARLY)
}

function earliestOf(series: readonly (readonly [string, readonly Sample[]])[]): Scraping | null {
  let earliest: Scraping | null = null
  for (const [key, samples] of series) {
    const firstAt = samples[0]?.[0]
    if (firstAt === undefined) continue
    const isEarlier =
      earliest === null || firstAt < earliest.firstAt || (firstAt === earliest.firstAt && key < earliest.series)
    if (isEarlier) earliest = { series: key, firstAt, secondAt: null }
  }
  return earliest
}
