import { describe, expect, it } from 'vitest'
import { birthQueries, birthsIn } from './births.js'
import { planOf } from './plan.js'
import type { Sample, Series } from './series.js'
import { targetOf } from './target.js'

const series = (labels: Readonly<Record<string, string>>, samples: readonly Sample[]): Series => ({
  labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)),
  samples,
})

const ofProcess = { text: '', isOfCounters: false }
const ofCounters = { text: '', isOfCounters: true }
const fresh = series({ __name__: 'requests_total', job: 'models', instance: '10.0.0.1:80', code: '200' }, [[60_000, 5]])
const target = targetOf(fresh)
const process = (labels: Readonly<Record<string, string>>, samples: readonly Sample[]) =>
  series({ __name__: 'process_start_time_seconds', job: 'models', instance: '10.0.0.1:80', ...labels }, samples)

describe('birthQueries', () => {
  it("asks for the counters' own times, and for their processes'", () => {
    const plan = planOf({ requests: 'requests_total{version="v2"}' })
    expect(birthQueries([fresh], plan, undefined).map(({ text }) => text)).toEqual([
      'requests_created{version="v2"}',
      'process_start_time_seconds{instance=~"10\\\\.0\\\\.0\\\\.1:80"}',
    ])
    expect(birthQueries([fresh], plan, 'started{app="x"}').map(({ text }) => text)).toContain('started{app="x"}')
  })

  it('queries many processes in several requests', () => {
    const many = Array.from({ length: 120 }, (_, at) => series({ __name__: 'x', pod: `p${at}` }, [[1, 1]]))
    expect(birthQueries(many, [], undefined)).toHaveLength(3)
  })
})

describe('birthsIn', () => {
  it('is the start of the process, in milliseconds', () => {
    expect(birthsIn(ofProcess, [process({}, [[60_000, 42]])], [fresh], new Map()).get(target)).toBe(42_000)
  })

  it('is after the latest scrape that did not show the series', () => {
    const scraped = process({}, [
      [30_000, 1],
      [45_000, 1],
      [60_000, 1],
    ])
    expect(birthsIn(ofProcess, [scraped], [fresh], new Map()).get(target)).toBe(45_000)
  })

  it('is not that of a series that ended before, because the labels have changed', () => {
    expect(birthsIn(ofProcess, [process({}, [[45_000, 1]])], [fresh], new Map()).get(target)).toBe(1_000)
  })

  it("is the counter's own rather than its process'", () => {
    const created = series({ ...Object.fromEntries(fresh.labels), __name__: 'requests_created' }, [[60_000, 50]])
    const own = birthsIn(ofCounters, [created], [fresh], new Map())
    expect(birthsIn(ofProcess, [process({}, [[60_000, 1]])], [fresh], own).get(target)).toBe(50_000)
  })

  it('is the earliest of several, and never that of another process', () => {
    const answer = [process({ a: '1' }, [[60_000, 41]]), process({ a: '2' }, [[60_000, 42]])]
    const others = [process({ job: 'proxies' }, [[60_000, 7]]), process({ instance: '10.0.0.2:80' }, [[60_000, 8]])]
    expect(birthsIn(ofProcess, [...others, ...answer], [fresh], new Map()).get(target)).toBe(41_000)
  })
})
