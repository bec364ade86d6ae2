import { isCanaryError } from '@model-canary/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fold, foldOn, riseOf, type Strand } from './fold.js'
import { isBornAt, noScraping, scrapingWith } from './scraping.js'
import type { Sample } from './series.js'

const counter = (samples: readonly Sample[], group = 'a'): Strand => ({ group, part: '', onFall: 'reset', samples })

const neverBorn = { zeroAt: 0, isBorn: () => false }
const alwaysBorn = { zeroAt: 0, isBorn: () => true }

function totalOf(fold: Fold, part = ''): number {
  return [...fold.values()].reduce((sum, { parts }) => sum + (parts.has(part) ? riseOf(parts.get(part)!) : 0), 0)
}

/** What a fold comes to, in the order of its names. */
function jsonOf(fold: Fold): string {
  return JSON.stringify([...fold].sort().map(([name, { resetAt, parts }]) => [name, resetAt, [...parts].sort()]))
}

describe('foldOn', () => {
  it('counts from the first sample in the window', () => {
    const fold = foldOn(
      new Map(),
      [
        counter([
          [-10, 90],
          [5, 100],
          [15, 103],
          [25, 110],
        ]),
      ],
      neverBorn,
    )
    expect(totalOf(fold)).toBe(10)
  })

  it('counts a sample at the instant at which the window opens as its zero', () => {
    expect(
      totalOf(
        foldOn(
          new Map(),
          [
            counter([
              [-10, 90],
              [0, 100],
              [10, 101],
            ]),
          ],
          neverBorn,
        ),
      ),
    ).toBe(1)
  })

  it('counts nothing before there are two samples in the window', () => {
    expect(
      totalOf(
        foldOn(
          new Map(),
          [
            counter([
              [-10, 90],
              [5, 100],
            ]),
          ],
          neverBorn,
        ),
      ),
    ).toBe(0)
  })

  it('counts all of the new value after a reset, also after the second', () => {
    const fold = foldOn(
      new Map(),
      [
        counter([
          [0, 100],
          [10, 105],
          [20, 2],
          [30, 7],
          [40, 1],
        ]),
      ],
      neverBorn,
    )
    expect(totalOf(fold)).toBe(5 + 2 + 5 + 1)
  })

  it('counts nothing for a reset to 0', () => {
    expect(
      totalOf(
        foldOn(
          new Map(),
          [
            counter([
              [0, 100],
              [10, 0],
            ]),
          ],
          neverBorn,
        ),
      ),
    ).toBe(0)
  })

  it('counts a series that was born in the window from 0', () => {
    expect(
      totalOf(
        foldOn(
          new Map(),
          [
            counter([
              [20, 7],
              [30, 9],
            ]),
          ],
          alwaysBorn,
        ),
      ),
    ).toBe(9)
  })

  it('counts a series that may have been there before from its first sample', () => {
    expect(
      totalOf(
        foldOn(
          new Map(),
          [
            counter([
              [20, 7],
              [30, 9],
            ]),
          ],
          neverBorn,
        ),
      ),
    ).toBe(2)
  })

  it('does not take a series for born whose samples before the window were read earlier', () => {
    const known = foldOn(new Map(), [counter([[-10, 7]])], alwaysBorn)
    expect(
      totalOf(
        foldOn(
          known,
          [
            counter([
              [500, 9],
              [510, 10],
            ]),
          ],
          alwaysBorn,
        ),
      ),
    ).toBe(1)
  })

  it('counts on over a gap', () => {
    expect(
      totalOf(
        foldOn(
          new Map(),
          [
            counter([
              [0, 1],
              [600_000, 51],
            ]),
          ],
          neverBorn,
        ),
      ),
    ).toBe(50)
  })

  it('passes over samples that were counted already', () => {
    const once = foldOn(
      new Map(),
      [
        counter([
          [0, 1],
          [10, 5],
        ]),
      ],
      neverBorn,
    )
    const again = foldOn(
      once,
      [
        counter([
          [0, 1],
          [10, 5],
          [20, 6],
        ]),
      ],
      neverBorn,
    )
    expect(totalOf(again)).toBe(5)
  })

  it('keeps what a series counted that is not there any more', () => {
    const once = foldOn(
      new Map(),
      [
        counter([
          [0, 1],
          [10, 5],
        ]),
      ],
      neverBorn,
    )
    expect(
      totalOf(
        foldOn(
          once,
          [
            counter(
              [
                [0, 1],
                [10, 2],
              ],
              'b',
            ),
          ],
          neverBorn,
        ),
      ),
    ).toBe(5)
  })

  it('sees a reset in a part that did not fall by another part that did', () => {
    const bucket = (part: string, samples: readonly Sample[]): Strand => ({
      group: 'h',
      part,
      onFall: 'reset',
      samples,
    })
    const parts = [
      bucket('1', [
        [0, 0],
        [10, 3],
        [20, 5],
      ]),
      bucket('+Inf', [
        [0, 0],
        [10, 9],
        [20, 6],
      ]),
    ]
    const fold = foldOn(new Map(), parts, neverBorn)
    expect(totalOf(fold, '1')).toBe(3 + 5)
    expect(totalOf(fold, '+Inf')).toBe(9 + 6)
  })

  it('lets a sum of signed values fall without a reset, and begin again with its count', () => {
    const count: Strand = {
      group: 'm',
      part: 'count',
      onFall: 'reset',
      samples: [
        [0, 4],
        [10, 6],
        [20, 1],
      ],
    }
    const sum: Strand = {
      group: 'm',
      part: 'sum',
      onFall: 'follow',
      samples: [
        [0, 10],
        [10, 4],
        [20, 5],
      ],
    }
    const fold = foldOn(new Map(), [count, sum], neverBorn)
    expect(totalOf(fold, 'count')).toBe(3)
    expect(totalOf(fold, 'sum')).toBe(-6 + 5)
  })

  it('refuses an expression that falls', () => {
    const fallen = () =>
      foldOn(
        new Map(),
        [
          {
            ...counter([
              [0, 5],
              [10, 4],
            ]),
            onFall: 'refuse',
          },
        ],
        neverBorn,
      )
    expect(fallen).toThrow('fell from 5 to 4; use a selector')
    expect(fallen).toThrow(expect.toSatisfy((error) => isCanaryError(error, 'QUERY_NOT_A_COUNT')))
  })
})

const INTERVAL_MS = 1_000
const SCRAPES = 20

/** A service that counts requests, is scraped now and then, and restarts. */
interface Service {
  /** When in the interval it is scraped. */
  readonly offsetMs: number
  readonly bornAt: number
  readonly restarts: readonly number[]
  readonly requests: readonly number[]
  /** Scrapes that failed. */
  readonly missed: readonly number[]
}

const anyTime = fc.integer({ min: -5_000, max: SCRAPES * INTERVAL_MS })
const anyService: fc.Arbitrary<Service> = fc.record({
  offsetMs: fc.integer({ min: 0, max: INTERVAL_MS - 1 }),
  bornAt: anyTime,
  restarts: fc.array(anyTime, { maxLength: 3 }),
  requests: fc.array(anyTime, { maxLength: 60 }),
  missed: fc.array(fc.integer({ min: -5, max: SCRAPES }), { maxLength: 6 }),
})

/** Has been there all the time, so that there is no doubt that Prometheus was scraping. */
const witness: Service = { offsetMs: 0, bornAt: -6_000, restarts: [], requests: [], missed: [] }

function scrapesOf({ offsetMs, bornAt, missed }: Service): readonly number[] {
  return Array.from({ length: SCRAPES + 6 }, (_, at) => at - 5)
    .filter((at) => !missed.includes(at))
    .map((at) => at * INTERVAL_MS + offsetMs)
    .filter((at) => at >= bornAt)
}

function valueAt({ bornAt, restarts, requests }: Service, at: number): number {
  const since = Math.max(bornAt, ...restarts.filter((restart) => restart <= at))
  return requests.filter((request) => request > since && request <= at).length
}

/** Counted from the requests themselves, scrape by scrape. */
function expectedOf(service: Service): number {
  const scrapes = scrapesOf(service)
  const first = scrapes.findIndex((at) => at >= 0)
  if (first < 0) return 0
  const isNew = first === 0 && scrapes[0]! >= INTERVAL_MS * 0.98
  let total = isNew ? valueAt(service, scrapes[0]!) : 0
  for (const [at, now] of scrapes.entries()) {
    if (at <= first) continue
    const before = scrapes[at - 1]!
    const rise = valueAt(service, now) - valueAt(service, before)
    total += rise < 0 ? valueAt(service, now) : rise
  }
  return total
}

/** Reads all that was scraped up to each of the times, a little of what was read before again. */
function readUpTo(services: readonly Service[], times: readonly number[]): Fold {
  let fold: Fold = new Map()
  let scraping = noScraping
  let from = -5_000
  for (const to of times) {
    const strands = services.map((service, at) => {
      const scrapes = scrapesOf(service).filter((scrape) => scrape >= from && scrape <= to)
      return counter(
        scrapes.map((scrape) => [scrape, valueAt(service, scrape)] as const),
        `s${at}`,
      )
    })
    scraping = scrapingWith(
      scraping,
      strands.map(({ group, samples }) => [group, samples] as const),
    )
    const known = scraping
    const seen = strands.filter(({ samples }) => samples.length > 0)
    fold = foldOn(fold, seen, { zeroAt: 0, isBorn: (at) => isBornAt(at, 0, known) })
    from = to - 1_500
  }
  return fold
}

describe('properties', () => {
  const END = (SCRAPES + 2) * INTERVAL_MS
  const anyServices = fc.array(anyService, { minLength: 1, maxLength: 4 }).map((services) => [witness, ...services])

  it('counts exactly the requests that scrapes can know of, over births, gaps and restarts', () => {
    fc.assert(
      fc.property(anyServices, (services) => {
        const expected = services.reduce((sum, service) => sum + expectedOf(service), 0)
        expect(totalOf(readUpTo(services, [END]))).toBe(expected)
      }),
    )
  })

  it('never counts more than there were requests since the window opened, as long as no scrape fails', () => {
    fc.assert(
      fc.property(anyServices, (services) => {
        // a scrape that is due at the very end of the interval may be the first of a service that was there before
        const scraped = services.map((one) => ({ ...one, missed: [], offsetMs: Math.min(one.offsetMs, 979) }))
        const there = scraped.flatMap(({ requests }) => requests).filter((at) => at > 0).length
        expect(totalOf(readUpTo(scraped, [END]))).toBeLessThanOrEqual(there)
      }),
    )
  })

  it('comes to the same, byte for byte, whether read at once or in pieces', () => {
    const anyTimes = fc.array(fc.integer({ min: 0, max: END }), { maxLength: 8 })
    fc.assert(
      fc.property(anyServices, anyTimes, (services, times) => {
        const pieces = readUpTo(services, [...times.sort((a, b) => a - b), END])
        expect(jsonOf(pieces)).toBe(jsonOf(readUpTo(services, [END])))
      }),
    )
  })
})
