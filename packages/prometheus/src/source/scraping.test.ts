import { describe, expect, it } from 'vitest'
import { isBornAt, scrapingWith } from './scraping.js'

const every10s = { series: 'a', firstAt: -20_000, secondAt: -10_000 }

describe('isBornAt', () => {
  it('holds from one scrape interval after the window opened', () => {
    expect(isBornAt(9_000, 0, every10s)).toBe(false)
    expect(isBornAt(10_000, 0, every10s)).toBe(true)
  })

  it('allows for a scrape that comes a little early', () => {
    expect(isBornAt(9_990, 0, every10s)).toBe(true)
  })

  it('holds from one interval after scraping began where that was later', () => {
    const late = { series: 'a', firstAt: 60_000, secondAt: 70_000 }
    expect(isBornAt(65_000, 0, late)).toBe(false)
    expect(isBornAt(70_000, 0, late)).toBe(true)
  })

  it('does not rest on a scrape that came later', () => {
    expect(isBornAt(9_900, -60_000, { series: 'a', firstAt: 0, secondAt: 10_000 })).toBe(false)
  })

  it('holds for nothing while no interval is known', () => {
    expect(isBornAt(99_000, 0, null)).toBe(false)
    expect(isBornAt(99_000, 0, { series: 'a', firstAt: -20_000, secondAt: null })).toBe(false)
  })
})

describe('scrapingWith', () => {
  it('follows the series with the earliest sample', () => {
    const scraping = scrapingWith(null, [
      [
        'b',
        [
          [5, 1],
          [15, 1],
        ],
      ],
      [
        'a',
        [
          [3, 1],
          [13, 1],
        ],
      ],
      ['c', []],
    ])
    expect(scraping).toEqual({ series: 'a', firstAt: 3, secondAt: 13 })
  })

  it('waits for the second sample of the same series', () => {
    const first = scrapingWith(null, [['a', [[3, 1]]]])
    expect(first).toEqual({ series: 'a', firstAt: 3, secondAt: null })
    const other = scrapingWith(first, [
      [
        'b',
        [
          [4, 1],
          [5, 1],
        ],
      ],
    ])
    expect(other).toEqual(first)
    expect(
      scrapingWith(other, [
        [
          'a',
          [
            [3, 1],
            [13, 1],
            [23, 1],
          ],
        ],
      ]),
    ).toEqual({ series: 'a', firstAt: 3, secondAt: 13 })
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
