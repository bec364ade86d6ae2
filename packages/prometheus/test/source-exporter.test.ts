import { emptySummary, type Summary } from '@model-canary/core/judge'
import { realServer, startPrometheus } from '@model-canary/real-servers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { exporterQueries, prometheusExporter, prometheusSource } from '../src/index.js'
import { type Closer, listen } from './source.fixture.js'

const PATIENT = { timeout: 20_000, interval: 50 }

/** The requests of one arm, in bins at edges of the exporter's buckets, so that nothing is rounded. */
function summary(times: number): Summary {
  return {
    ...emptySummary(),
    begun: 10 * times,
    outcomes: { success: 6 * times, error: 2 * times, timeout: times, aborted: times, rejected: 0, ignored: 0 },
    latencyUs: { count: 9 * times, sum: 9_000 * times, sumOfSquares: 12_000_000 * times },
    latencyBins: [[400, 9 * times]],
    predictions: {
      labels: [
        ['ham', 4 * times],
        ['spam', 2 * times],
      ],
      other: 3 * times,
    },
    score: { count: 6 * times, sum: -3 * times, sumOfSquares: 4 * times },
    metrics: [['conversion', { count: 6 * times, sum: times, sumOfSquares: times }]],
  }
}

realServer({ describe, it }, ['prometheus'], 'the exporter, a real Prometheus and the source', () => {
  const closers: Closer[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  it('return every figure as it was exported', async () => {
    let arms = { baseline: summary(1), canary: summary(2) }
    let scrapes = 0
    const exporter = prometheusExporter({
      name: 'sentiment',
      versions: { baseline: 'v1', canary: 'v2' },
      counts() {
        scrapes++
        return arms
      },
    })
    const { address } = await listen(exporter.handler, closers)
    const prometheus = await startPrometheus({ intervalMs: 200, scrape: [{ job: 'models', targets: [address] }] })
    closers.push(() => prometheus.close())
    await vi.waitFor(() => expect(scrapes).toBeGreaterThan(2), PATIENT)

    const window = { epoch: 1, step: 1, visit: 1, openedAt: Date.now() }
    const queries = exporterQueries({ rollout: 'sentiment', metrics: ['conversion'], score: true })
    const source = prometheusSource({ url: prometheus.url, queries })
    const read = async () => {
      const counts = await source.read(window, new AbortController().signal)
      return counts === 'no-data' ? undefined : counts
    }
    await vi.waitFor(async () => expect(await read()).toBeDefined(), PATIENT)
    arms = { baseline: summary(11), canary: summary(7) }
    await vi.waitFor(async () => expect((await read())?.canary.begun).toBe(50), PATIENT)

    const counts = await read()
    const withoutBins = ({ latencyBins, ...rest }: Summary) => rest
    expect(withoutBins(counts!.canary)).toEqual(withoutBins(summary(5)))
    expect(withoutBins(counts!.baseline)).toEqual(withoutBins(summary(10)))
    expect(counts!.canary.latencyBins.map(([, count]) => count)).toEqual([45])
  }, 120_000)
})
