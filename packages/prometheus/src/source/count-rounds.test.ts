import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nothingRead } from './arm-progress.js'
import { type Counted, countOn } from './count-rounds.js'
import { riseOf } from './fold.js'
import type { Sample } from './series.js'
import type { Strand } from './strand.js'

const nothing: Counted = {
  baseline: nothingRead(),
  canary: nothingRead(),
  moment: null,
  lost: null,
  lostCount: 0,
}

/** A counter of requests, or of another kind, of one process. */
const counter = (samples: readonly Sample[], more: Partial<Strand> = {}): Strand => ({
  kind: 'requests',
  group: more.target ?? 'a',
  part: '',
  target: 'a',
  onFall: 'reset',
  samples,
  ...more,
})

/** A baseline that serves 10 requests a second, and is scraped every ten seconds from a minute before the window on. */
const steady = counter(Array.from({ length: 40 }, (_, at) => [(at - 6) * 10_000 + 1_000, 1_000 + at * 100] as const))

/** Values every ten seconds, at the same times. */
const every10s = (...values: readonly number[]): readonly Sample[] =>
  values.map((value, at) => [(at - 6) * 10_000 + 1_000, value] as const)

/** A canary that serves one request a second up to the given samples. */
const before = [100, 110, 120, 130, 140, 150, 160, 170, 180]

interface CountedOf {
  readonly births?: ReadonlyMap<string, number>
}

function count(canary: readonly Strand[], { births = new Map() }: CountedOf = {}) {
  const endAt = Math.max(...canary.flatMap(({ samples }) => samples.map(([at]) => at)))
  const baseline = [{ ...steady, samples: steady.samples.filter(([at]) => at <= endAt) }]
  const counted = countOn(nothing, {
    strands: { baseline, canary },
    births: { baseline: new Map(), canary: births },
    zeroAt: 0,
    settledAt: Number.NEGATIVE_INFINITY,
  })
  return { ...counted, of: (kind = 'requests') => totalOf(counted, 'canary', kind) }
}

function totalOf(counted: Counted, arm: 'baseline' | 'canary', kind = 'requests', part = ''): number {
  const groups = [...(counted[arm].folds.get(kind)?.values() ?? [])]
  return groups.reduce((sum, { parts }) => sum + (parts.has(part) ? riseOf(parts.get(part)!) : 0), 0)
}

describe('one moment', () => {
  it('is the time when every target has been scraped again', () => {
    const late = counter(
      steady.samples.slice(0, 12).map(([at, value]) => [at + 7_000, value] as const),
      { target: 'b' },
    )
    const counted = count([late])
    expect(counted.moment).toBe(58_000)
    expect([counted.of(), totalOf(counted, 'baseline')]).toEqual([500, 500])
  })

  it('counts the same time of every process, for any interval and offset', () => {
    const slow = counter(
      Array.from({ length: 10 }, (_, at) => [(at - 3) * 30_000 + 19_000, at * 30] as const),
      { target: 'slow' },
    )
    const counted = count([slow])
    expect(counted.moment).toBe(199_000)
    expect([counted.of(), totalOf(counted, 'baseline')]).toEqual([180, 1_800])
  })

  it('waits after a failed scrape, but not for a process that is gone', () => {
    const [, ...others] = [null, ...every10s(...before, 190, 200, 210)]
    const missed = others.filter(([at]) => at !== 21_000)
    expect(count([counter(missed)]).of()).toBe(50)
    const gone = counter(every10s(...before), { target: 'gone' })
    const stays = counter(every10s(...before, ...Array.from({ length: 25 }, (_, at) => 190 + 10 * at)))
    const counted = count([gone, stays])
    expect(counted.moment).toBe(271_000)
    expect(counted.of()).toBe(20 + 270)
  })

  it('does not exist while an arm has no sample since the window opened', () => {
    expect(count([counter(every10s(100, 110))]).moment).toBe(null)
  })
})

describe('a counter that falls', () => {
  it('has restarted if its own traffic explains its value', () => {
    const counted = count([counter(every10s(...before, 4, 14))])
    expect([counted.of(), counted.lostCount]).toEqual([20 + 4 + 10, 0])
  })

  it('restarts all counters of its process, also those that did not fall', () => {
    const errors = counter(every10s(0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3), { kind: 'errors', group: 'e' })
    expect(count([counter(every10s(...before, 9, 19)), errors]).of('errors')).toBe(2 + 1)
  })

  it('is one skipped sample if it falls alone and by little', () => {
    const errors = counter(every10s(1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_001, 1_000, 1_002, 1_003), {
      kind: 'errors',
      group: 'e',
    })
    const counted = count([counter(every10s(...before, 190, 200)), errors])
    expect([counted.of('errors'), counted.of(), counted.lostCount]).toEqual([3, 40, 0])
  })

  it('is skipped if it falls by little, even if the whole counter is young', () => {
    const young = every10s(0, 0, 0, 0, 0, 0, 10, 20, 30, 40, 39, 50)
    expect(count([counter(young)]).of()).toBe(40)
  })

  it('is skipped also if it stays low and the traffic would explain a restart', () => {
    const busy = Array.from({ length: 12 }, (_, at) => 90_000 + at * 1_000)
    const errors = counter(every10s(60, 60, 60, 60, 60, 60, 60, 60, 59, 59, 59, 62), { kind: 'errors', group: 'e' })
    expect(count([counter(every10s(...busy)), errors]).of('errors')).toBe(2)
  })

  it('of a series without a name is distinguished from others by the times of its scrapes', () => {
    const unnamed = (samples: readonly Sample[], group: string) => counter(samples, { target: '', group })
    const other = unnamed(
      every10s(...before, 190, 200).map(([at, value]) => [at + 5_000, value] as const),
      'other',
    )
    const dips = unnamed(every10s(100, 110, 120, 130, 140, 150, 160, 170, 169, 190, 200), 'dips')
    expect(count([other, dips]).of()).toBe(40 + 40)
  })

  it('of a restarted process counts in full if it appears later', () => {
    const errors = counter(
      every10s(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 5).filter(([at]) => at < 31_000 || at > 45_000),
      { kind: 'errors', group: 'e' },
    )
    expect(count([counter(every10s(...before, 9, 19, 29)), errors]).of('errors')).toBe(5)
  })

  it('is one excluded period if no restart explains it, and its recovery is not counted', () => {
    const counted = count([counter(every10s(...before.map((value) => 9_900 + value), 5_000, 10_100, 10_110))])
    expect([counted.of(), counted.lostCount]).toEqual([20 + 20 + 10, 1])
    expect(counted.lost).toEqual({
      fromAt: 21_000,
      toAt: 31_000,
      why: 'canary: a counter of requests fell from 10080 to 5000, which a restart does not explain',
    })
  })

  it('does not count again what it had counted before, as with another process behind the same address', () => {
    expect(count([counter(every10s(...before.map((value) => 9_900 + value), 3, 10_100, 10_110))]).of()).toBe(
      20 + 3 + 20 + 10,
    )
  })

  it('is excluded from the other arm too', () => {
    const counted = count([counter(every10s(...before.map((value) => 9_900 + value), 5_000, 5_010))])
    expect([counted.of(), totalOf(counted, 'baseline')]).toEqual([30, 300])
  })
})

describe('a series that appears', () => {
  const old = counter(every10s(...before, 190, 200))
  const first = (value: number, more: Partial<Strand> = {}) =>
    counter(
      [
        [25_000, value],
        [35_000, value + 5],
      ],
      { target: 'new', ...more },
    )
  const rest = (of: Strand): Strand => ({ ...of, samples: [...of.samples, [45_000, of.samples.at(-1)![1]]] })

  it('counts from its start if Prometheus knows that it started in this window', () => {
    expect(count([old, rest(first(60))], { births: new Map([['new', 2_000]]) }).of()).toBe(40 + 65)
  })

  it('counts from its first sample if it is older', () => {
    const many = Array.from({ length: 5 }, (_, at) => ({ ...old, target: `p${at}`, group: `p${at}` }))
    expect(count([...many, rest(first(60))], { births: new Map([['new', -90_000]]) }).of()).toBe(5 * 40 + 5)
  })

  it('counts from 0 if its start is unknown and one scrape explains it, and from its first sample otherwise', () => {
    const many = Array.from({ length: 5 }, (_, at) => ({ ...old, target: `p${at}`, group: `p${at}` }))
    expect(count([...many, rest(first(9))]).of()).toBe(5 * 40 + 14)
    expect(count([...many, rest(first(900))]).of()).toBe(5 * 40 + 5)
  })

  it('has not started if another one is gone: it is the same under another name', () => {
    const many = Array.from({ length: 5 }, (_, at) => ({ ...old, target: `p${at}`, group: `p${at}` }))
    const gone = counter(every10s(...before), { target: 'gone' })
    const counted = count([...many, gone, rest(first(9))])
    expect([counted.moment, counted.lost]).toEqual([45_000, null])
    expect(counted.of()).toBe(5 * 40 + 20 + 5)
  })

  it('counts from 0 if other series of its process continue', () => {
    const error = counter([[31_000, 3]], { kind: 'errors', group: 'e' })
    expect(count([old, error]).of('errors')).toBe(3)
  })

  it('counts from its first sample if a series of its process is gone, because the labels have changed', () => {
    const was = counter(every10s(5, 5, 5, 5, 5, 5, 5, 5, 5), { group: 'code=500' })
    const is = counter(
      [
        [31_000, 5],
        [41_000, 6],
      ],
      { group: 'code=5xx' },
    )
    const counted = count([old, was, is])
    expect([counted.of(), counted.lostCount]).toEqual([20 + 10 + 1, 1])
  })

  it('excludes the period if a quarter of an arm appears with unknown starts', () => {
    const counted = count([old, rest(first(9_000))])
    expect(counted.lost?.why).toBe('canary: 1 of 2 series appeared, and their earlier counts are not known')
  })

  it('is only late if nothing has been counted yet', () => {
    const late = counter(
      [
        [8_000, 9_000],
        [18_000, 9_005],
        [28_000, 9_010],
      ],
      { target: 'late' },
    )
    const counted = count([old, late])
    expect([counted.of(), counted.lostCount]).toEqual([20 + 10, 0])
  })
})

describe('an expression', () => {
  const sum = (samples: readonly Sample[], kind = 'requests') =>
    counter(samples, { kind, group: '', target: `=${kind}`, onFall: 'lose' })

  it('that falls is one excluded period', () => {
    const counted = count([sum(every10s(...before, 4, 14))])
    expect([counted.of(), counted.lostCount]).toEqual([30, 1])
  })

  it('that recovers what it had lost does not count it, however late', () => {
    const values = [...before.map((value) => value + 500), ...Array.from({ length: 9 }, (_, at) => 190 + 10 * at)]
    const counted = count([sum(every10s(...values, 690, 700))])
    expect([counted.of(), counted.lostCount]).toEqual([20 + 80 + 10 + 10, 1])
  })

  it('that gains an old counter is one excluded period, and continues if it was traffic', () => {
    expect(count([sum(every10s(...before, 380, 390))])).toMatchObject({ lostCount: 1 })
    const grown = count([sum(every10s(...before, 380, 580, 780))])
    expect([grown.of(), grown.lostCount]).toEqual([20 + 400, 1])
  })

  it('of errors does not rise by more than there were requests', () => {
    const counted = count([
      sum(every10s(...before, 190, 200)),
      sum(every10s(0, 0, 0, 0, 0, 0, 0, 1, 2, 52, 53), 'errors'),
    ])
    expect([counted.of('errors'), counted.lost?.why]).toEqual([
      3,
      'canary: the expression for errors rose by 50, but the one for requests by 10',
    ])
  })
})

describe('a jump', () => {
  it('of more than 20 times the traffic is excluded, and counting starts again', () => {
    const counted = count([counter(every10s(...before, 5_000, 5_010))])
    expect([counted.of(), counted.lostCount]).toEqual([30, 1])
    expect(counted.lost?.why).toBe('canary: 4820 requests in 10 s are more than its earlier traffic explains')
  })

  it('that continues is traffic', () => {
    const counted = count([counter(every10s(...before, 1_180, 2_180, 3_180))])
    expect([counted.of(), counted.lostCount]).toEqual([20 + 2_000, 1])
  })
})

describe('a histogram', () => {
  it('restarts with all of its parts, including its sum', () => {
    const part = (name: string, samples: readonly Sample[], onFall: Strand['onFall'] = 'reset') =>
      counter(samples, { kind: 'durations', group: 'h', part: name, onFall })
    const counted = count([
      counter(every10s(...before, 9, 19)),
      part('le:1', every10s(0, 0, 0, 0, 0, 0, 0, 3, 3, 5)),
      part('le:+Inf', every10s(0, 0, 0, 0, 0, 0, 0, 9, 9, 6)),
      part('sum', every10s(0, 0, 0, 0, 0, 0, 0, 7.5, 7.5, 8.5), 'follow'),
    ])
    const total = (name: string) => totalOf(counted, 'canary', 'durations', name)
    expect([total('le:1'), total('le:+Inf'), total('sum')]).toEqual([8, 15, 16])
  })
})

const INTERVAL_MS = 1_000
const SCRAPES = 20

/** A service that counts requests, is scraped at intervals, and restarts. */
interface Service {
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

const scrapesOf = ({ offsetMs, bornAt, missed }: Service): readonly number[] =>
  Array.from({ length: SCRAPES + 6 }, (_, at) => at - 5)
    .filter((at) => !missed.includes(at))
    .map((at) => at * INTERVAL_MS + offsetMs)
    .filter((at) => at >= bornAt)

function valueAt({ bornAt, restarts, requests }: Service, at: number): number {
  const since = Math.max(bornAt, ...restarts.filter((restart) => restart <= at))
  return requests.filter((request) => request > since && request <= at).length
}

/** Reads all samples up to each of the times, and again a few of those that were read before. */
function readUpTo(services: readonly Service[], times: readonly number[]): Counted {
  let counted = nothing
  let from = -5_000
  for (const to of times) {
    const strandOf = (service: Service, at: number) => {
      const scrapes = scrapesOf(service).filter((scrape) => scrape >= from && scrape <= to)
      return counter(
        scrapes.map((scrape) => [scrape, valueAt(service, scrape)] as const),
        { target: `s${at}` },
      )
    }
    const [witness, ...others] = services.map(strandOf).filter(({ samples }) => samples.length > 0)
    counted = countOn(counted, {
      strands: { baseline: witness === undefined ? [] : [witness], canary: others },
      births: { baseline: new Map(), canary: new Map(services.map(({ bornAt }, at) => [`s${at}`, bornAt])) },
      zeroAt: 0,
      settledAt: to - 4_000,
    })
    from = Math.min(to - 4_000, counted.moment ?? to)
  }
  return counted
}

/** The counts, in the order of names. */
const jsonOf = ({ baseline, canary, moment, lost, lostCount }: Counted): string =>
  JSON.stringify([
    moment,
    lost,
    lostCount,
    ...[baseline, canary].map(({ folds }) =>
      [...folds].map(([kind, fold]) => [
        kind,
        [...fold].sort().map(([name, { parts }]) => [name, [...parts].map(([, part]) => riseOf(part))]),
      ]),
    ),
  ])

describe('properties', () => {
  const END = (SCRAPES + 2) * INTERVAL_MS
  /** A series that exists all the time and serves requests, so that the arms can be compared. */
  const witness: Service = {
    offsetMs: 0,
    bornAt: -6_000,
    restarts: [],
    requests: Array.from({ length: 500 }, (_, at) => at * 50 - 5_000),
    missed: [],
  }
  const anyServices = fc.array(anyService, { minLength: 1, maxLength: 4 }).map((services) => [witness, ...services])

  it('never counts more than there were requests since the window opened', () => {
    fc.assert(
      fc.property(anyServices, (services) => {
        const [, ...canary] = services
        const there = canary.flatMap(({ requests }) => requests).filter((at) => at > 0).length
        expect(totalOf(readUpTo(services, [END]), 'canary')).toBeLessThanOrEqual(there)
      }),
    )
  })

  it('counts exactly the requests between the first and the last moment, for processes that stay', () => {
    fc.assert(
      fc.property(anyServices, (services) => {
        const staying = services.map((one) => ({ ...one, bornAt: -6_000, restarts: [], missed: [] }))
        const counted = readUpTo(staying, [END])
        const expected = staying.slice(1).reduce((sum, service) => {
          const within = scrapesOf(service).filter((at) => at >= 0 && at <= counted.moment!)
          return sum + valueAt(service, within.at(-1)!) - valueAt(service, within[0]!)
        }, 0)
        expect(counted.lostCount).toBe(0)
        expect(totalOf(counted, 'canary')).toBe(expected)
      }),
    )
  })

  it('has the same result, byte for byte, for one read and for many', () => {
    const anyTimes = fc.array(fc.integer({ min: 0, max: END }), { maxLength: 8 })
    fc.assert(
      fc.property(anyServices, anyTimes, (services, times) => {
        const pieces = readUpTo(services, [...times.sort((a, b) => a - b), END])
        expect(jsonOf(pieces)).toBe(jsonOf(readUpTo(services, [END])))
      }),
    )
  })
})
