import { describe, expect, it } from 'vitest'
import { binOf } from './histogram.js'
import { emptySummary, type Summary } from './summary.js'
import { versionMetricsOf } from './version-metrics.js'

const predicted = (labels: Summary['predictions']['labels'], other = 0): Summary => ({
  ...emptySummary(),
  predictions: { labels, other },
})

describe('versionMetricsOf', () => {
  it('says null, neither 0 nor NaN, where there is no data', () => {
    expect(versionMetricsOf(emptySummary())).toEqual({
      requestCount: 0,
      successCount: 0,
      errorCount: 0,
      timeoutCount: 0,
      abortedCount: 0,
      rejectedCount: 0,
      ignoredCount: 0,
      unansweredCount: 0,
      leftEarlyCount: 0,
      errorRate: null,
      timeoutRate: null,
      abortRate: null,
      unansweredRate: null,
      avgLatencyMs: null,
      p50LatencyMs: null,
      p95LatencyMs: null,
      p99LatencyMs: null,
      predictionDistribution: {},
      score: { count: 0, mean: null, standardDeviation: null },
      metrics: {},
      blockedMs: { mean: null, total: 0 },
      inFlight: 0,
      oldestInFlightMs: null,
    })
  })

  it('gives counts, rates, and latencies in milliseconds', () => {
    const metrics = versionMetricsOf({
      ...emptySummary(),
      begun: 11,
      outcomes: { success: 6, error: 1, timeout: 1, aborted: 2, rejected: 3, ignored: 1 },
      answers: { decided: 10, unanswered: 3, ended: 2, leftEarly: 5 },
      blockedUs: { count: 4, sum: 6_000, sumOfSquares: 0 },
      latencyUs: { count: 8, sum: 8_800, sumOfSquares: 0 },
      latencyBins: [
        [100, 7],
        [binOf(8_100), 1],
      ],
      pendingBins: [[binOf(2_000_000), 1]],
      score: { count: 8, sum: 40, sumOfSquares: 232 },
      metrics: [['clicked', { count: 4, sum: 1, sumOfSquares: 1 }]],
    })
    expect(metrics).toMatchObject({
      requestCount: 14,
      successCount: 6,
      errorCount: 1,
      timeoutCount: 1,
      abortedCount: 2,
      rejectedCount: 3,
      ignoredCount: 1,
      unansweredCount: 3,
      leftEarlyCount: 5,
      errorRate: 0.25,
      timeoutRate: 0.125,
      abortRate: 0.2,
      unansweredRate: 0.3,
      blockedMs: { mean: 1.5, total: 6 },
      avgLatencyMs: 1.1,
      p50LatencyMs: 0.1,
      score: { count: 8, mean: 5, standardDeviation: expect.closeTo(Math.sqrt(32 / 7), 12) },
      metrics: { clicked: { count: 4, mean: 0.25 } },
      inFlight: 1,
    })
    expect(Math.abs(metrics.p95LatencyMs! - 8.1)).toBeLessThan(0.081)
    expect(Math.abs(metrics.p99LatencyMs! - 8.1)).toBeLessThan(0.081)
    expect(Math.abs(metrics.oldestInFlightMs! - 2_000)).toBeLessThan(20)
  })

  it('lists the most frequent class first', () => {
    const { predictionDistribution } = versionMetricsOf(
      predicted([
        ['negative', 3],
        ['neutral', 1],
        ['positive', 4],
      ]),
    )
    expect(Object.entries(predictionDistribution)).toEqual([
      ['positive', 0.5],
      ['negative', 0.375],
      ['neutral', 0.125],
    ])
  })

  it('names twenty classes and adds the rest up', () => {
    const labels = Array.from({ length: 22 }, (_, index) => [String.fromCharCode(97 + index), 22 - index] as const)
    const { predictionDistribution } = versionMetricsOf(predicted(labels, 7))
    expect(Object.keys(predictionDistribution).at(19)).toBe('t')
    expect(Object.keys(predictionDistribution).at(20)).toBe('(other)')
    expect(predictionDistribution['(other)']).toBeCloseTo(10 / 260, 12)
    expect(Object.values(predictionDistribution).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  })

  it('keeps a class that is itself called (other) in the sum', () => {
    expect(versionMetricsOf(predicted([['(other)', 1]], 3)).predictionDistribution).toEqual({ '(other)': 1 })
  })

  it('is not poisoned by a class called __proto__', () => {
    const { predictionDistribution } = versionMetricsOf(
      predicted([
        ['__proto__', 1],
        ['constructor', 1],
      ]),
    )
    expect(JSON.stringify(predictionDistribution)).toBe('{"__proto__":0.5,"constructor":0.5}')
  })

  it('is not poisoned by a metric called __proto__', () => {
    const { metrics } = versionMetricsOf({
      ...emptySummary(),
      metrics: [['__proto__', { count: 1, sum: 3, sumOfSquares: 9 }]],
    })
    expect(JSON.stringify(metrics)).toBe('{"__proto__":{"count":1,"mean":3}}')
  })
})
