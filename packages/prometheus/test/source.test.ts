import { isCanaryError } from '@model-canary/core'
import { readSummary } from '@model-canary/core/judge'
import { manualClock } from '@model-canary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { type ArmQueries, type PrometheusSourceOptions, prometheusSource } from '../src/index.js'
import { type Closer, listen, type MadeSeries, madePrometheus } from './source.fixture.js'

const closers: Closer[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const OPENED_AT = Date.UTC(2026, 0, 1)
const window = { epoch: 1, step: 1, visit: 1, openedAt: OPENED_AT }
const never = new AbortController().signal

/** Samples every ten seconds, from one minute before the window opened on. */
const samples = (...values: readonly (number | string)[]): MadeSeries['samples'] =>
  values.map((value, at) => [OPENED_AT + (at - 6) * 10_000 + 1_000, value] as const)

/** A counter at 100 before the window that then rises by ten a scrape. */
const rising: MadeSeries = { samples: samples(100, 100, 100, 100, 100, 100, 100, 110, 120, 130, 140, 150) }

const code = (wanted: Parameters<typeof isCanaryError>[1]) =>
  expect.toSatisfy((error) => isCanaryError(error, wanted), wanted)

/** A source a minute after the window opened. */
async function sourceOver(
  series: Readonly<Record<string, readonly MadeSeries[]>>,
  canary: Partial<ArmQueries> = {},
  options: Partial<PrometheusSourceOptions> = {},
) {
  const clock = manualClock({ startMs: OPENED_AT + 60_000 })
  const all = new Map(Object.entries({ baseline: [rising], canary: [rising], ...series }))
  const prometheus = await madePrometheus(
    (query) => all.get(query.trim().replace(/^\((.*?)\s*\)$/s, '$1')) ?? [],
    closers,
  )
  const queries = { baseline: { requests: 'baseline' }, canary: { requests: 'canary', ...canary } }
  const made = { url: prometheus.url, queries, clock, ...options }
  return { source: prometheusSource(made), again: () => prometheusSource(made), clock, all, ...prometheus }
}

describe('a clock that jumps', () => {
  /** Goes on by half a minute, in which both versions get requests. */
  const later = async ({ clock, all }: Awaited<ReturnType<typeof sourceOver>>) => {
    await clock.advance(30_000)
    for (const arm of ['baseline', 'canary'])
      all.set(arm, [{ samples: [...rising.samples, [OPENED_AT + 61_000, 190], [OPENED_AT + 71_000, 200]] }])
  }

  it('leaves nothing out that was scraped after it had been ahead', async () => {
    const world = await sourceOver({})
    const { source, clock } = world
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 50 } })
    clock.jump(86_400_000)
    await expect(source.read(window, never)).rejects.toThrow('[QUERY_STALE]')
    clock.jump(-86_400_000)
    await later(world)
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 100 } })
  })

  it('is told of while it is behind what was counted', async () => {
    const world = await sourceOver({})
    const { source, clock } = world
    const opened = { ...window, openedAt: OPENED_AT - 7_200_000 }
    await source.read(opened, never)
    clock.jump(-3_600_000)
    await expect(source.read(opened, never)).rejects.toThrow(
      /^\[QUERY_STALE\] the clock of this process is 35\d\d s behind the samples that were counted; check/,
    )
    clock.jump(3_600_000)
    await later(world)
    expect(await source.read(opened, never)).toMatchObject({ canary: { begun: expect.any(Number) } })
  })
})

describe('prometheusSource', () => {
  it('counts the requests of both arms since the window opened', async () => {
    const { source } = await sourceOver({})
    const counts = await source.read(window, never)
    expect(counts).toMatchObject({
      baseline: { begun: 50, outcomes: { success: 50, error: 0, timeout: 0, aborted: 0, rejected: 0, ignored: 0 } },
      canary: { begun: 50 },
    })
  })

  it('returns summaries that core accepts', async () => {
    const { source } = await sourceOver({})
    const counts = await source.read(window, never)
    if (counts === 'no-data') throw new Error('there are counts')
    expect(readSummary(JSON.parse(JSON.stringify(counts.canary)))).toEqual(counts.canary)
  })

  it('starts to count after the requests of the previous weight have been scraped', async () => {
    const { source } = await sourceOver({}, {}, { settleMs: 30_000 })
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 20 } })
  })

  it('reads the range of the window and five minutes before it, and later only new samples', async () => {
    const { source, clock, asked, all } = await sourceOver({})
    await source.read(window, never)
    await clock.advance(30_000)
    all.set('canary', [{ samples: [...rising.samples, [OPENED_AT + 61_000, 190]] }])
    all.set('baseline', [{ samples: [...rising.samples, [OPENED_AT + 62_000, 155]] }])
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 90 }, baseline: { begun: 55 } })
    const rangesMs = asked.map(({ query }) => Number(/\[(\d+)ms\]/.exec(query)?.[1]))
    expect(rangesMs).toEqual([359_001, 359_001, 150_001, 150_001])
  })

  it('sends all queries of one read for the same time, a second ago', async () => {
    const { source, asked } = await sourceOver({}, { errors: 'errors' })
    await source.read(window, never)
    expect(asked.map(({ atMs }) => atMs)).toEqual([1, 2, 3].map(() => OPENED_AT + 59_000))
  })

  it('reads a long window in pieces, and counts the same', async () => {
    const long = Array.from({ length: 1_000 }, (_, at) => [OPENED_AT + at * 10_000, at * 3] as const)
    const { source, asked } = await sourceOver(
      { baseline: [{ samples: long }], canary: [{ samples: long }] },
      {},
      { clock: manualClock({ startMs: OPENED_AT + 10_000_000 }) },
    )
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 999 * 3 } })
    expect(asked).toHaveLength(6)
  })

  it('continues an aborted read of a long window', async () => {
    const long = [{ samples: Array.from({ length: 1_000 }, (_, at) => [OPENED_AT + at * 10_000, at * 3] as const) }]
    const impatient = new AbortController()
    const { url, asked } = await madePrometheus(() => {
      if (asked.length === 3) impatient.abort(new Error('too long'))
      return long
    }, closers)
    const queries = { baseline: { requests: 'a' }, canary: { requests: 'b' } }
    const source = prometheusSource({ url, queries, clock: manualClock({ startMs: OPENED_AT + 10_000_000 }) })
    await expect(source.read(window, impatient.signal)).rejects.toThrow('[PROMETHEUS_UNREACHABLE]')
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 999 * 3 } })
    expect(asked.filter(({ atMs }) => atMs === OPENED_AT + 3_600_000)).toHaveLength(2)
  })

  it('returns the same counts, byte for byte, in a process that starts later', async () => {
    const second = {
      labels: { pod: 'b' },
      samples: [
        [1, 4],
        [2, 9],
        [3, 1],
        [4, 6],
      ] as const,
    }
    const b = {
      ...second,
      samples: second.samples.map(([at, value]) => [OPENED_AT + at * 10_000 + 5_000, value] as const),
    }
    const { source, again, clock, all } = await sourceOver({ canary: [rising, b] }, { errors: 'errors' })
    clock.jump(-60_000)
    for (let read = 0; read < 12; read++) {
      await clock.advance(5_000)
      await source.read(window, never)
    }
    all.set('errors', [])
    const early = await source.read(window, never)
    expect(JSON.stringify(await again().read(window, never))).toBe(JSON.stringify(early))
    expect(early).toMatchObject({ canary: { begun: 50 + 9 + 1 + 5 } })
  })

  it('has no data before the window has been open for the length of a scrape', async () => {
    const { source, clock, asked } = await sourceOver({})
    clock.jump(-59_500)
    expect(await source.read(window, never)).toBe('no-data')
    expect(asked).toEqual([])
  })

  it('has no data while an arm has no series', async () => {
    const { source } = await sourceOver({ canary: [] })
    expect(await source.read(window, never)).toBe('no-data')
  })

  it('has no data while an arm only has samples from before the window', async () => {
    const { source } = await sourceOver({ canary: [{ samples: samples(1, 2, 3) }] })
    expect(await source.read(window, never)).toBe('no-data')
  })

  it('refuses samples that are too old', async () => {
    const { source, clock } = await sourceOver({})
    await source.read(window, never)
    await clock.advance(110_000)
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 50 } })
    await clock.advance(5_000)
    await expect(source.read(window, never)).rejects.toSatisfy((error) => isCanaryError(error, 'QUERY_STALE'))
  })

  it('does not refuse rare scrapes as stale, unless maxAgeMs is given', async () => {
    const every2min = Array.from({ length: 6 }, (_, at) => [OPENED_AT + (at - 3) * 120_000 + 1_000, at * 10] as const)
    const slow = { baseline: [{ samples: every2min }], canary: [{ samples: every2min }] }
    const { source, clock, again } = await sourceOver(slow)
    await clock.advance(420_000 - 60_000)
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 20 } })
    await clock.advance(122_000)
    await expect(again().read(window, never)).rejects.toThrow('[QUERY_STALE]')
    const strict = await sourceOver(slow, {}, { maxAgeMs: 120_000 })
    await strict.clock.advance(420_000 - 60_000)
    await expect(strict.source.read(window, never)).rejects.toThrow('[QUERY_STALE]')
  })

  it('distinguishes outcomes', async () => {
    const of = (...values: number[]) => [{ samples: samples(0, 0, 0, 0, 0, 0, 0, ...values) }]
    const { source } = await sourceOver(
      { e: of(1, 2, 3), t: of(0, 2), a: of(0, 0, 0, 4) },
      { errors: 'e', timeouts: 't', aborted: 'a' },
    )
    expect(await source.read(window, never)).toMatchObject({
      canary: { begun: 50, outcomes: { success: 41, error: 3, timeout: 2, aborted: 4, rejected: 0, ignored: 0 } },
    })
  })

  it('refuses more failures than requests, with the figures', async () => {
    const { source } = await sourceOver({ e: [{ samples: samples(0, 0, 0, 0, 0, 0, 0, 60) }] }, { errors: 'e' })
    await expect(source.read(window, never)).rejects.toThrow(
      'errors (60), timeouts (0) and aborted (0) are more than requests (50)',
    )
  })

  it('counts the first error of a version from 0, since its requests were being scraped', async () => {
    const first = [{ samples: [[OPENED_AT + 31_000, 5]] as const }]
    const { source } = await sourceOver({ e: first }, { errors: 'e' })
    expect(await source.read(window, never)).toMatchObject({ canary: { outcomes: { error: 5 } } })
  })

  it('counts both arms up to the same time', async () => {
    const { source, clock, all } = await sourceOver({})
    await source.read(window, never)
    await clock.advance(20_000)
    all.set('canary', [{ samples: [...rising.samples, [OPENED_AT + 61_000, 190], [OPENED_AT + 71_000, 240]] }])
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 50 }, baseline: { begun: 50 } })
    all.set('baseline', [{ samples: [...rising.samples, [OPENED_AT + 66_000, 160]] }])
    await clock.advance(1_000)
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 90 }, baseline: { begun: 60 } })
  })

  it('reads errors from the series of requests if they are among them', async () => {
    const failed = { labels: { __name__: 'total', code: '500' }, samples: samples(0, 0, 0, 0, 0, 0, 0, 3) }
    const newer = { ...failed, samples: [...failed.samples, [OPENED_AT + 21_000, 9] as const] }
    const { source } = await sourceOver({ canary: [rising, failed], e: [newer] }, { errors: 'e' })
    expect(await source.read(window, never)).toMatchObject({
      canary: { begun: 53, outcomes: { error: 3, success: 50 } },
    })
  })

  it('refuses counts that fell since the last read', async () => {
    const later = { samples: [...rising.samples, [OPENED_AT + 61_000, 160]] as const }
    const { source, clock, all } = await sourceOver({ e: [] }, { errors: 'e' })
    await source.read(window, never)
    await clock.advance(10_000)
    for (const arm of ['baseline', 'canary']) all.set(arm, [later])
    all.set('e', [{ samples: [[OPENED_AT + 61_000, 15]] }])
    await expect(source.read(window, never)).rejects.toThrow('the counts of canary fell since the last read')
  })

  it.each([
    ['NaN', 'NaN'],
    ['infinity', '+Inf'],
    ['a fraction', '100.5'],
    ['less than nothing', '-1'],
    ['no number', 'many'],
  ])('refuses a count that is %s', async (_, value) => {
    const { source } = await sourceOver({ canary: [{ samples: samples(0, 0, 0, 0, 0, 0, 0, value) }] })
    await expect(source.read(window, never)).rejects.toSatisfy((error) => isCanaryError(error, 'QUERY_NOT_A_COUNT'))
  })

  it('refuses a series that both arms count, because the canary would be compared with itself', async () => {
    const shared = { ...rising, labels: { __name__: 'total', version: 'v10' } }
    const { source } = await sourceOver({ baseline: [rising, shared], canary: [shared] })
    await expect(source.read(window, never)).rejects.toThrow(
      '[QUERY_AMBIGUOUS] requests of both arms match total{version="v10"}; select each version by its complete name',
    )
  })

  it('refuses a series that is counted as two outcomes', async () => {
    const gateway = { labels: { __name__: 'total', code: '504' }, samples: rising.samples }
    const { source } = await sourceOver(
      { canary: [gateway], e: [gateway], t: [gateway] },
      { errors: 'e', timeouts: 't' },
    )
    await expect(source.read(window, never)).rejects.toThrow(
      '[QUERY_AMBIGUOUS] errors and timeouts of canary both match total{code="504"}; each request has one outcome',
    )
  })

  it('refuses more series than it may hold', async () => {
    const many = Array.from({ length: 11 }, (_, pod) => ({ ...rising, labels: { pod: String(pod) } }))
    const { source } = await sourceOver({ canary: many }, {}, { maxSeries: 10 })
    await expect(source.read(window, never)).rejects.toThrow('requests matches 11 series, more than maxSeries (10)')
  })

  it('starts again for another window', async () => {
    const { source } = await sourceOver({})
    await source.read(window, never)
    const next = { epoch: 1, step: 2, visit: 1, openedAt: OPENED_AT + 30_000 }
    expect(await source.read(next, never)).toMatchObject({ canary: { begun: 20 } })
  })
})

describe('an expression', () => {
  it('is evaluated in steps, and counts from the first of them in the window', async () => {
    const { source, asked } = await sourceOver(
      { 'sum(x)': [rising] },
      { requests: { expression: 'sum(x)', resolutionMs: 5_000 } },
    )
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 50 } })
    expect(asked[1]?.query).toBe('(sum(x)\n)[359001ms:5000ms]')
  })

  it('is not confused with another one without labels', async () => {
    const failed = { samples: samples(0, 0, 0, 0, 0, 0, 0, 4) }
    const { source } = await sourceOver(
      { 'sum(x)': [rising], 'sum(y)': [failed] },
      { requests: { expression: 'sum(x)' }, errors: { expression: 'sum(y)' } },
    )
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 50, outcomes: { error: 4 } } })
  })

  it('is refused if it returns several series', async () => {
    const { source } = await sourceOver(
      { x: [rising, { ...rising, labels: { pod: 'b' } }] },
      { requests: { expression: 'x' } },
    )
    await expect(source.read(window, never)).rejects.toSatisfy((error) => isCanaryError(error, 'QUERY_AMBIGUOUS'))
  })

  it('excludes the period in which it falls from both arms, and reports that', async () => {
    const { source } = await sourceOver(
      { x: [{ samples: samples(1, 1, 1, 1, 1, 1, 1, 11, 3, 13, 23, 33) }] },
      { requests: { expression: 'x' } },
    )
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 40 }, baseline: { begun: 40 } })
    expect(source.notes().map(({ message }) => message)).toEqual([
      'one period was excluded from both arms in this step, the latest from 00:00:11 to 00:00:21 UTC: canary: ' +
        'the expression for requests fell from 11 to 3, and the reset of its counters cannot be reconstructed',
    ])
  })
})

describe('what is measured', () => {
  const le = (edge: string, ...values: number[]): MadeSeries => ({
    labels: { __name__: 'd_bucket', le: edge },
    samples: samples(0, 0, 0, 0, 0, 0, 0, ...values),
  })
  const named = (name: string, ...values: number[]): MadeSeries => ({
    labels: { __name__: name },
    samples: samples(0, 0, 0, 0, 0, 0, 0, ...values),
  })

  it('puts a histogram into bins, with its exact sums', async () => {
    const { source } = await sourceOver(
      { b: [le('+Inf', 12), le('0.1', 10), le('1', 12)], s: [named('d_sum', 1.25)], q: [named('d_squares', 0.75)] },
      { durations: { buckets: 'b', sum: 's', squares: 'q' } },
    )
    const counts = await source.read(window, never)
    if (counts === 'no-data') throw new Error('there are counts')
    const { latencyUs, latencyBins } = counts.canary
    expect(latencyUs).toEqual({ count: 12, sum: 1_250_000, sumOfSquares: 750_000_000_000 })
    expect(latencyBins.map(([, count]) => count)).toEqual([10, 2])
  })

  it('reads edges in milliseconds', async () => {
    const inUnit = async (unit: 's' | 'ms', edge: string) => {
      const { source } = await sourceOver({ b: [le(edge, 4), le('+Inf', 4)] }, { durations: { buckets: 'b', unit } })
      const counts = await source.read(window, never)
      return counts === 'no-data' ? undefined : counts.canary.latencyBins
    }
    expect(await inUnit('ms', '250')).toEqual(await inUnit('s', '0.25'))
  })

  it('counts predictions by class, and those without a class together', async () => {
    const of = (prediction: string, ...values: number[]): MadeSeries => ({
      ...named('p', ...values),
      labels: { prediction },
    })
    const { source } = await sourceOver(
      { p: [of('spam', 7), of('ham', 3), of('(other)', 2), of('x'.repeat(65), 1), of('', 4), of('__proto__', 5)] },
      { predictions: { selector: 'p', label: 'prediction', other: '(other)' } },
    )
    expect(await source.read(window, never)).toMatchObject({
      canary: {
        predictions: {
          labels: [
            ['__proto__', 5],
            ['ham', 3],
            ['spam', 7],
          ],
          other: 7,
        },
      },
    })
  })

  it('reads moments of metrics, and a yes/no metric without squares', async () => {
    const { source } = await sourceOver(
      { c: [named('c', 10)], s: [named('s', 4)], q: [named('q', 6.5)] },
      { score: { count: 'c', sum: 's', squares: 'q' }, metrics: { bought: { count: 'c', sum: 's' } } },
    )
    expect(await source.read(window, never)).toMatchObject({
      canary: {
        score: { count: 10, sum: 4, sumOfSquares: 6.5 },
        metrics: [['bought', { count: 10, sum: 4, sumOfSquares: 4 }]],
      },
    })
  })

  it('refuses a metric without squares that is not yes or no', async () => {
    const { source } = await sourceOver(
      { c: [named('c', 10)], s: [named('s', 40)] },
      { metrics: { price: { count: 'c', sum: 's' } } },
    )
    await expect(source.read(window, never)).rejects.toThrow('add a query for its squares')
  })

  it('refuses a sum whose count has other labels', async () => {
    const { source } = await sourceOver(
      { c: [named('c', 10)], s: [{ ...named('s', 4), labels: { pod: 'a' } }] },
      { metrics: { bought: { count: 'c', sum: 's' } } },
    )
    await expect(source.read(window, never)).rejects.toThrow('metrics.bought: a series has no sum with the same labels')
  })

  it('refuses durations of which only some have a sum, because the mean would be too low', async () => {
    const pod = (name: string, { samples }: MadeSeries) => ({ labels: { pod: name }, samples })
    const buckets = ['a', 'b'].flatMap((name) =>
      ['0.25', '+Inf'].map((edge) => ({ ...le(edge, 4), labels: { pod: name, le: edge } })),
    )
    const { source } = await sourceOver(
      { b: buckets, s: [pod('a', named('s', 1))] },
      { durations: { buckets: 'b', sum: 's' } },
    )
    await expect(source.read(window, never)).rejects.toThrow('durations: a series has no sum with the same labels')
  })

  it('refuses a count of which only some have a sum', async () => {
    const { source } = await sourceOver(
      { c: [named('c', 10), { ...named('c', 10), labels: { pod: 'a' } }], s: [named('s', 4)] },
      { metrics: { bought: { count: 'c', sum: 's' } } },
    )
    await expect(source.read(window, never)).rejects.toThrow('metrics.bought: a series has no sum with the same labels')
  })
})

describe('the options', () => {
  const queries = { baseline: { requests: 'a' }, canary: { requests: 'b' } }
  const url = 'http://127.0.0.1:9090'

  it.each([
    ['credentials in the url', { url: 'http://me:secret@127.0.0.1', queries }],
    ['another protocol', { url: 'ftp://127.0.0.1', queries }],
    ['a query in the url', { url: 'http://127.0.0.1?x=1', queries }],
    ['no queries of one arm', { url, queries: { baseline: queries.baseline } }],
    ['an empty query', { url, queries: { ...queries, canary: { requests: ' ' } } }],
    [
      'a resolution that is no number',
      { url, queries: { ...queries, canary: { requests: { expression: 'x', resolutionMs: Number.NaN } } } },
    ],
    ['the same requests for both arms', { url, queries: { baseline: queries.baseline, canary: queries.baseline } }],
    [
      'the same durations for both arms',
      {
        url,
        queries: {
          baseline: { requests: 'a', durations: { buckets: 'd' } },
          canary: { requests: 'b', durations: { buckets: 'd' } },
        },
      },
    ],
    ['half a series', { url, queries, maxSeries: 1.5 }],
    ['NaN for an age', { url, queries, maxAgeMs: Number.NaN }],
    ['no series at all', { url, queries, maxSeries: 0 }],
    ['no samples at all', { url, queries, maxSamples: 0 }],
    ['a list of no selectors', { url, queries: { ...queries, canary: { requests: [] } } }],
    ['a settling time below 0', { url, queries, settleMs: -1 }],
    ['a header that is none', { url, queries, headers: { 'a b': 'c' } }],
    [
      'an unknown unit',
      { url, queries: { ...queries, canary: { requests: 'x', durations: { buckets: 'b', unit: 'us' } } } },
    ],
  ])('are refused with %s', (_, options) => {
    expect(() => prometheusSource(options as PrometheusSourceOptions)).toThrow('[INVALID_OPTION]')
  })

  it('are refused with an unknown name', () => {
    expect(() => prometheusSource({ url, queries, maxAge: 5 } as unknown as PrometheusSourceOptions)).toThrow(
      '[UNKNOWN_OPTION]',
    )
  })

  it('do not show a header in a message', () => {
    const refused = () => prometheusSource({ url, queries, headers: { authorization: 'Bearer s3cret\n' + 'x\ny' } })
    expect(refused).toThrow(expect.not.toSatisfy((error: Error) => error.message.includes('s3cret')))
  })

  it('determine which guardrails are supported', () => {
    const queriesOf = (arm: string) => ({ requests: arm, errors: `${arm}e`, durations: { buckets: `${arm}d` } })
    const [baseline, canary] = [queriesOf('a'), queriesOf('b')]
    expect(prometheusSource({ url, queries: { baseline, canary } }).supports).toEqual([
      'errorRate',
      'latency',
      'tailLatency',
    ])
    expect(prometheusSource({ url, queries: { baseline: { requests: 'a' }, canary } }).supports).toEqual([])
  })
})

describe('a Prometheus that fails', () => {
  const queries = { baseline: { requests: 'a' }, canary: { requests: 'b' } }
  const sourceAt = (url: string, options: Partial<PrometheusSourceOptions> = {}) =>
    prometheusSource({ url, queries, clock: manualClock({ startMs: OPENED_AT + 60_000 }), ...options })
  const answering = async (status: number, body: string, headers: Record<string, string> = {}) => {
    const { address } = await listen((_, response) => response.writeHead(status, headers).end(body), closers)
    return sourceAt(`http://${address}`).read(window, never)
  }

  it.each([
    [
      'its own words for a query that it cannot read',
      400,
      '{"status":"error","errorType":"bad_data","error":"parse error: oh"}',
      'bad_data: parse error: oh',
    ],
    ['a status of 500', 500, 'oops', 'answered 500'],
    ['a gateway in between', 502, '<html>', 'answered 502'],
    ['missing credentials', 401, '', 'pass the credentials in `headers`'],
    ['a wrong path', 404, 'not found', 'the part before /api/v1/query'],
    ['what is no JSON', 200, '<html>welcome</html>', '<html>welcome'],
    [
      'what is JSON of something else',
      200,
      '{"status":"success","data":{"resultType":"vector","result":[]}}',
      'is vector, not a matrix',
    ],
    [
      'a series that is none',
      200,
      '{"status":"success","data":{"resultType":"matrix","result":[7]}}',
      'without labels',
    ],
    [
      'a part of the result only',
      200,
      '{"status":"success","warnings":["a store is down"],"data":{}}',
      'a store is down',
    ],
  ])('is QUERY_FAILED with %s', async (_, status, body, message) => {
    const read = answering(status, body)
    await expect(read).rejects.toThrow(message)
    await expect(read).rejects.toEqual(code('QUERY_FAILED'))
  })

  it('does not send headers to the target of a redirect', async () => {
    await expect(answering(302, '', { location: 'http://127.0.0.1:1/' })).rejects.toThrow(
      'the address that it redirects to',
    )
  })

  it('shows a bounded part of a message on one line', async () => {
    const error = await answering(
      400,
      JSON.stringify({ status: 'error', errorType: 'bad_data', error: `a\nb${'x'.repeat(9_000)}` }),
    ).catch((error: Error) => error)
    expect((error as Error).message.length).toBeLessThan(500)
    expect((error as Error).message).toContain('a bx')
  })

  it('is QUERY_FAILED if the answer does not end', async () => {
    const line = Buffer.alloc(1_048_576, 'x')
    const { address } = await listen((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(line)) {}
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }, closers)
    await expect(sourceAt(`http://${address}`).read(window, never)).rejects.toThrow('longer than 16777216 bytes')
  }, 30_000)

  it('is QUERY_FAILED if one series has too many samples, before they are parsed', async () => {
    const sample = `[${OPENED_AT / 1_000},"1"],`
    const beginning = '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"\\"[[,["},"values":['
    let sent = 0
    const { address } = await listen((_, response) => {
      response.write(beginning)
      const more = () => {
        do sent += 1_000
        while (!response.destroyed && response.write(sample.repeat(1_000)))
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }, closers)
    await expect(sourceAt(`http://${address}`, { maxSamples: 20_000 }).read(window, never)).rejects.toThrow(
      '[QUERY_FAILED] requests: the answer has more than 20000 samples; narrow the selector, or raise maxSamples',
    )
    expect(sent).toBeLessThan(1_000_000)
  })

  it('is read in shorter pieces if an hour has too many samples', async () => {
    const long = [{ samples: Array.from({ length: 1_000 }, (_, at) => [OPENED_AT + at * 10_000, at * 3] as const) }]
    const { url, asked } = await madePrometheus(() => long, closers)
    const clock = manualClock({ startMs: OPENED_AT + 10_000_000 })
    const source = sourceAt(url, { clock, maxSamples: 200 })
    expect(await source.read(window, never)).toMatchObject({ canary: { begun: 999 * 3 } })
    expect(asked.length).toBeGreaterThan(12)
  })

  it('is PROMETHEUS_UNREACHABLE if nothing listens there', async () => {
    const { address, server } = await listen(() => {}, closers)
    await new Promise((resolve) => server.close(resolve))
    await expect(sourceAt(`http://${address}`).read(window, never)).rejects.toEqual(code('PROMETHEUS_UNREACHABLE'))
  })

  it('is PROMETHEUS_UNREACHABLE if it hangs, before or within its answer', async () => {
    for (const beginning of ['', '{"status":']) {
      let isAsked = false
      const { address } = await listen((_, response) => {
        isAsked = true
        if (beginning !== '') response.write(beginning)
      }, closers)
      const clock = manualClock({ startMs: OPENED_AT + 60_000 })
      const read = sourceAt(`http://${address}`, { clock, timeoutMs: 3_000 }).read(window, never)
      const refused = expect(read).rejects.toThrow('no answer within 3000 ms')
      await expect.poll(() => isAsked).toBe(true)
      await clock.advance(3_000)
      await refused
      await expect(read).rejects.toEqual(code('PROMETHEUS_UNREACHABLE'))
      expect(clock.pending).toBe(0)
    }
  })

  it('gets no more requests after the read is aborted', async () => {
    let isAsked = false
    const { address } = await listen(() => {
      isAsked = true
    }, closers)
    const giveUp = new AbortController()
    const read = sourceAt(`http://${address}`).read(window, giveUp.signal)
    const refused = expect(read).rejects.toEqual(code('PROMETHEUS_UNREACHABLE'))
    await expect.poll(() => isAsked).toBe(true)
    giveUp.abort(new Error('too late'))
    await refused
  })

  it('does not affect the counts after a failure', async () => {
    let isDown = false
    const prometheus = await madePrometheus(() => (isDown ? [{ samples: [[OPENED_AT, 'NaN']] }] : [rising]), closers)
    const source = sourceAt(prometheus.url)
    await source.read(window, never)
    isDown = true
    const clockless = sourceAt(prometheus.url)
    await expect(clockless.read(window, never)).rejects.toThrow('QUERY_NOT_A_COUNT')
    isDown = false
    expect(await clockless.read(window, never)).toMatchObject({ canary: { begun: 50 } })
  })

  it('is queried below a path, with headers that are fetched for each read', async () => {
    const prometheus = await madePrometheus(() => [rising], closers)
    let token = 0
    const headers = async () => ({ authorization: `Bearer ${++token}` })
    const source = sourceAt(`${prometheus.url}/team/prometheus/`, { headers })
    await source.read(window, never)
    const next = { ...window, step: 2 }
    await source.read(next, never)
    expect(prometheus.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/team/prometheus/api/v1/query', 'Bearer 1'],
      ['/team/prometheus/api/v1/query', 'Bearer 1'],
      ['/team/prometheus/api/v1/query', 'Bearer 2'],
      ['/team/prometheus/api/v1/query', 'Bearer 2'],
    ])
  })

  it('is QUERY_FAILED if the headers cannot be fetched', async () => {
    const headers = () => Promise.reject(new Error('no token today'))
    await expect(sourceAt('http://127.0.0.1:1', { headers }).read(window, never)).rejects.toEqual(code('QUERY_FAILED'))
  })
})
