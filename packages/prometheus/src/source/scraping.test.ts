import { describe, expect, it } from 'vitest'
import { distanceOf, isBornAt, noScraping, scrapingWith } from './scraping.js'

/** What is known once a series was scraped at these times. */
const known = (firstAt: number, secondAt: number) => ({ pair: { firstAt, secondAt }, firsts: new Map() })

const every10s = known(-20_000, -10_000)

describe('isBornAt', () => {
  it('holds from one scrape interval after the window opened', () => {
    expect(isBornAt(9_000, 0, every10s)).toBe(false)
    expect(isBornAt(10_000, 0, every10s)).toBe(true)
  })

  it('allows for a scrape that comes a little early', () => {
    expect(isBornAt(9_990, 0, every10s)).toBe(true)
  })

  it('holds from one interval after scraping began where that was later', () => {
    const late = known(60_000, 70_000)
    expect(isBornAt(65_000, 0, late)).toBe(false)
    expect(isBornAt(70_000, 0, late)).toBe(true)
  })

  it('does not rest on a scrape that came later', () => {
    expect(isBornAt(9_900, -60_000, known(0, 10_000))).toBe(false)
  })

  it('holds for nothing while no interval is known', () => {
    expect(isBornAt(99_000, 0, noScraping)).toBe(false)
    expect(isBornAt(99_000, 0, { pair: null, firsts: new Map([['a', -20_000]]) })).toBe(false)
  })
})

describe('distanceOf', () => {
  it('is that of the scrapes, or of the coarsest expression', () => {
    expect(distanceOf(every10s, [{ resolutionMs: null }])).toBe(10_000)
    expect(distanceOf(every10s, [{ resolutionMs: 60_000 }, { resolutionMs: null }])).toBe(60_000)
    expect(distanceOf(noScraping, [{ resolutionMs: null }])).toBe(0)
  })
})

describe('scrapingWith', () => {
  const series = (key: string, ...times: readonly number[]) => [key, times.map((at) => [at, 1] as const)] as const

  it('follows the series with the earliest second sample', () => {
    const scraping = scrapingWith(noScraping, [series('b', 5, 15), series('a', 3, 13), series('c')])
    expect(scraping).toEqual(known(3, 13))
  })

  it('passes over a series that vanished after its first sample', () => {
    expect(scrapingWith(noScraping, [series('a', 1), series('b', 4, 14)])).toEqual(known(4, 14))
  })

  it('takes the shorter interval where two second samples come at once', () => {
    expect(scrapingWith(noScraping, [series('a', 1, 21), series('b', 11, 21)])).toEqual(known(11, 21))
    expect(scrapingWith(noScraping, [series('b', 11, 21), series('a', 1, 21)])).toEqual(known(11, 21))
  })

  it('remembers the first samples until there is a second one', () => {
    const first = scrapingWith(noScraping, [series('a', 3), series('b', 4)])
    expect(first.pair).toBe(null)
    expect(scrapingWith(first, [series('b', 14)])).toEqual(known(4, 14))
  })

  it('stays what it was once it is known', () => {
    expect(
      scrapingWith(every10s, [
        [
          'z',
          [
            [-99_000, 1],
            [-98_000, 1],
          ],
        ],
      ]),
    ).toEqual(every10s)
  })
})
