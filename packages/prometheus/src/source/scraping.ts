import type { PlannedQuery } from './plan.js'
import type { Sample } from './series.js'

/** Two successive scrapes of one series: when an arm was first seen to be scraped, and how often. */
export interface ScrapePair {
  readonly firstAt: number
  readonly secondAt: number
}

/** What is known of how an arm is scraped. */
export interface Scraping {
  readonly pair: ScrapePair | null
  /** When each series, by key, was sampled first; of no use once there is a pair. */
  readonly firsts: ReadonlyMap<string, number>
}

/** The scraping of an arm of which nothing has been read. */
export const noScraping: Scraping = { pair: null, firsts: new Map() }

/** How much sooner than it is due a scrape may come, as a share of the interval. */
const EARLY = 0.02

/**
 * What is known of the scraping once these series, by key, were read as well.
 *
 * The pair is that of the series whose second sample is the earliest, so that one which vanished after its
 * first, such as that of a process that crashed, hides nothing of those that come after it.
 */
export function scrapingWith(
  before: Scraping,
  series: readonly (readonly [key: string, samples: readonly Sample[]])[],
): Scraping {
  if (before.pair !== null) return before
  const firsts = new Map(before.firsts)
  let pair: ScrapePair | null = null
  for (const [key, samples] of series) {
    const firstAt = firsts.get(key) ?? samples[0]?.[0]
    if (firstAt === undefined) continue
    firsts.set(key, firstAt)
    const secondAt = samples.find(([at]) => at > firstAt)?.[0]
    if (secondAt !== undefined) pair = earlier(pair, { firstAt, secondAt })
  }
  return pair === null ? { pair, firsts } : { pair, firsts: new Map() }
}

/**
 * Whether a series whose first sample was taken at `at` began after the window opened at `zeroAt`.
 *
 * Had it been there at `zeroAt`, or when scraping began, it would have been scraped within one interval.
 * What comes later is new, and has counted from 0. This depends on samples up to `at` alone, so that
 * whoever reads the window later decides the same.
 */
export function isBornAt(at: number, zeroAt: number, { pair }: Scraping): boolean {
  if (pair === null || pair.secondAt > at) return false
  const intervalMs = pair.secondAt - pair.firstAt
  return at >= Math.max(zeroAt, pair.firstAt) + intervalMs * (1 - EARLY)
}

/** How far apart an arm's samples are, in milliseconds: by its scrapes or its coarsest expression; 0 while that is not known. */
export function distanceOf({ pair }: Scraping, plan: readonly Pick<PlannedQuery, 'resolutionMs'>[]): number {
  const scrapedMs = pair === null ? 0 : pair.secondAt - pair.firstAt
  return Math.max(scrapedMs, ...plan.map(({ resolutionMs }) => resolutionMs ?? 0))
}

/** Of two series with the same second sample the one that was sampled later: the shorter interval is the scrape's. */
function earlier(a: ScrapePair | null, b: ScrapePair): ScrapePair {
  if (a === null || b.secondAt < a.secondAt) return b
  return b.secondAt === a.secondAt && b.firstAt > a.firstAt ? b : a
}
