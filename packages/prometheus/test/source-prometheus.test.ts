import { isCanaryError } from '@model-canary/core'
import { binMiddle, type Counts } from '@model-canary/core/judge'
import { type RunningPrometheus, realServer, startPrometheus } from '@model-canary/real-servers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { prometheusSource } from '../src/index.js'
import { type CountingService, countingQueries, countingService } from './counting-service.fixture.js'
import type { Closer } from './source.fixture.js'

const never = new AbortController().signal
const PATIENT = { timeout: 20_000, interval: 50 }

realServer({ describe, it }, ['prometheus'], 'a source over a real Prometheus', () => {
  const closers: Closer[] = []
  let baseline: CountingService
  let canary: CountingService
  let second: CountingService
  let prometheus: RunningPrometheus
  let window: { readonly epoch: number; readonly step: number; readonly visit: number; readonly openedAt: number }
  let source: ReturnType<typeof newSource>

  const newSource = (options: { readonly maxAgeMs?: number } = {}) =>
    prometheusSource({
      url: prometheus.url,
      queries: { baseline: countingQueries('v1'), canary: countingQueries('v2') },
      ...options,
    })
  const countsOf = async (from = source): Promise<Counts> => {
    const counts = await from.read(window, never)
    if (counts === 'no-data') throw new Error('no data yet')
    return counts
  }
  const outcomes = async () => {
    const { baseline, canary } = await countsOf()
    return [baseline.outcomes, canary.outcomes]
  }
  /** Everything that is counted, without the interval of the scrapes, which is measured anew at each of them. */
  const allCounts = async (from = source) => {
    const { baseline, canary } = await countsOf(from)
    return JSON.stringify({ baseline, canary })
  }
  /** Waits until everything that was counted so far has been scraped. */
  const scraped = async () => {
    for (const service of [baseline, canary]) {
      const seen = service.scrapes
      await vi.waitFor(() => expect(service.scrapes).toBeGreaterThan(seen + 1), PATIENT)
    }
  }

  beforeAll(async () => {
    baseline = await countingService('v1', closers)
    canary = await countingService('v2', closers)
    second = await countingService('v2', closers)
    second.isHidden = true
    await second.send(70, { outcome: 'error' })
    await baseline.send(40)
    await baseline.send(4, { outcome: 'error' })
    await canary.send(3)
    prometheus = await startPrometheus({
      intervalMs: 200,
      scrape: [{ job: 'answers', targets: [baseline.address, canary.address, second.address] }],
    })
    closers.push(() => prometheus.close())
    await scraped()
    window = { epoch: 1, step: 1, visit: 1, openedAt: Date.now() }
    source = newSource()
    await vi.waitFor(() => countsOf(), PATIENT)
  }, 120_000)
  afterAll(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  it('counts nothing from before the window', async () => {
    const none = { success: 0, error: 0, timeout: 0, aborted: 0, rejected: 0, ignored: 0 }
    expect(await outcomes()).toEqual([none, none])
  })

  it('counts every request, with any outcome', async () => {
    await baseline.send(25)
    await baseline.send(2, { outcome: 'error' })
    await canary.send(11, { seconds: 0.5 })
    await canary.send(3, { outcome: 'error' })
    await canary.send(2, { outcome: 'timeout', seconds: 3 })
    await canary.send(1, { outcome: 'aborted' })
    await expect.poll(outcomes, PATIENT).toEqual([
      { success: 25, error: 2, timeout: 0, aborted: 0, rejected: 0, ignored: 0 },
      { success: 11, error: 3, timeout: 2, aborted: 1, rejected: 0, ignored: 0 },
    ])
  }, 120_000)

  it('puts durations into their bins, with their exact sum', async () => {
    const { latencyUs, latencyBins } = (await countsOf()).canary
    expect(latencyUs.count).toBe(16)
    expect(latencyUs.sum).toBe((11 * 0.5 + 3 * 0.05 + 2 * 3) * 1_000_000)
    const bySecond = latencyBins.map(([bin, count]) => [Math.round(binMiddle(bin) / 10_000) / 100, count])
    expect(bySecond).toEqual([
      [0.06, 3], // up to 0.1
      [0.55, 11], // up to 1
      [1, 2], // beyond the last edge
    ])
  })

  it('continues to count when a process restarts', async () => {
    await scraped()
    canary.restart()
    await canary.send(5)
    await canary.send(1, { outcome: 'error' })
    await expect.poll(outcomes, PATIENT).toEqual([
      { success: 25, error: 2, timeout: 0, aborted: 0, rejected: 0, ignored: 0 },
      { success: 16, error: 4, timeout: 2, aborted: 1, rejected: 0, ignored: 0 },
    ])
  }, 120_000)

  it('returns the same counts in a process that starts later', async () => {
    expect(await allCounts(newSource())).toBe(await allCounts())
  })

  /** Waits until the second process of the canary is scraped too. */
  const shown = async () => {
    const seen = second.scrapes
    second.isHidden = false
    await vi.waitFor(() => expect(second.scrapes).toBeGreaterThan(seen + 1), PATIENT)
    await scraped()
  }

  it('counts a process from its first sample after its scraping is repaired', async () => {
    await shown()
    await second.send(3)
    await expect.poll(async () => (await countsOf()).canary.outcomes, PATIENT).toMatchObject({ success: 19, error: 4 })
  }, 120_000)

  it('counts a process that has started since from its start', async () => {
    second.isHidden = true
    second.restart()
    await second.send(5, { outcome: 'error' })
    await second.send(6)
    await shown()
    await expect.poll(async () => (await countsOf()).canary.outcomes, PATIENT).toMatchObject({ success: 25, error: 9 })
    expect(await allCounts(newSource())).toBe(await allCounts())
  }, 120_000)

  it('quotes Prometheus if a query is invalid', async () => {
    const queries = { baseline: { requests: 'sum(answers_total)' }, canary: { requests: 'answers_total{' } }
    const read = prometheusSource({ url: prometheus.url, queries }).read(window, never)
    await expect(read).rejects.toThrow('ranges only allowed for vector selectors')
  })

  it('counts with an expression as well', async () => {
    const requests = (sum: string) => ({ expression: `${sum} (answers_total{version="v1"})`, resolutionMs: 100 })
    const queries = { baseline: { requests: requests('sum') }, canary: { requests: requests('sum by (version)') } }
    const counts = await countsOf(prometheusSource({ url: prometheus.url, queries }))
    expect(counts.baseline.begun).toBe(27)
  })

  it('refuses to continue with a version that is no longer scraped', async () => {
    const impatient = newSource({ maxAgeMs: 2_500 })
    await countsOf(impatient)
    for (const close of closers.splice(1, 2)) await close() // the canary's servers
    const failure = () =>
      impatient.read(window, never).then(
        () => undefined,
        (error: unknown) => error,
      )
    await expect.poll(failure, PATIENT).toSatisfy((error) => isCanaryError(error, 'QUERY_STALE'))
  }, 120_000)

  it('is unreachable once it was killed', async () => {
    await prometheus.kill()
    await expect(source.read(window, never)).rejects.toSatisfy((error) =>
      isCanaryError(error, 'PROMETHEUS_UNREACHABLE'),
    )
  })
})
