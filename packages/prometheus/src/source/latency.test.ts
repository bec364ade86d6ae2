import { binLow, binMiddle, binOf } from '@model-canary/core/judge'
import { describe, expect, it } from 'vitest'
import { addBuckets, binWithin, durationMoments } from './latency.js'

const INFINITE = Number.POSITIVE_INFINITY

describe('binWithin', () => {
  it('is the bin in the middle of a bucket', () => {
    const bin = binWithin(100_000, 250_000)
    expect(binMiddle(bin)).toBeGreaterThan(175_000 * 0.99)
    expect(binMiddle(bin)).toBeLessThan(175_000 * 1.01)
  })

  it('is the bin itself if a bucket is one', () => {
    const bin = binOf(5_000)
    expect(binWithin(binLow(bin), binLow(bin + 1))).toBe(bin)
  })

  it('lies inside of the bucket for every pair of edges of bins', () => {
    for (let bin = 200; bin < 1_500; bin += 7) {
      for (const width of [1, 2, 3, 16]) {
        const [low, high] = [binLow(bin), binLow(bin + width)]
        const chosen = binWithin(low, high)
        expect(chosen).toBeGreaterThanOrEqual(bin)
        expect(chosen).toBeLessThan(bin + width)
      }
    }
  })

  it('is the bin of the last finite edge for values above it', () => {
    expect(binWithin(10_000_000, INFINITE)).toBe(binOf(10_000_000))
  })
})

describe('addBuckets', () => {
  it('counts what each bucket holds beyond the one below', () => {
    const bins = new Map<number, number>()
    addBuckets(bins, [
      [1_000, 3],
      [2_000, 3],
      [4_000, 10],
      [INFINITE, 11],
    ])
    addBuckets(bins, [
      [1_000, 1],
      [INFINITE, 1],
    ])
    expect([...bins]).toEqual([
      [binWithin(0, 1_000), 4],
      [binWithin(2_000, 4_000), 7],
      [binOf(4_000), 1],
    ])
  })

  it.each([
    [
      'without the open bucket',
      [
        [1_000, 3],
        [2_000, 4],
      ],
    ],
    ['without a finite bucket', [[INFINITE, 4]]],
    [
      'that is not cumulative',
      [
        [1_000, 3],
        [2_000, 2],
        [INFINITE, 4],
      ],
    ],
  ] as const)('refuses a histogram %s', (_, buckets) => {
    expect(() => addBuckets(new Map(), buckets)).toThrow('[QUERY_NOT_A_COUNT]')
  })
})

describe('durationMoments', () => {
  const bins = [
    [binOf(1_000), 2],
    [binOf(100_000), 1],
  ] as const

  it('uses exact sums if they are given', () => {
    expect(durationMoments(bins, 102_345.4, 1e10)).toEqual({ count: 3, sum: 102_345, sumOfSquares: 1e10 })
  })

  it('uses the middles of the bins without exact sums', () => {
    const { count, sum, sumOfSquares } = durationMoments(bins, undefined, undefined)
    expect(count).toBe(3)
    expect(sum / 102_000).toBeCloseTo(1, 1)
    expect(sumOfSquares / 10_002_000_000).toBeCloseTo(1, 1)
  })

  it('keeps the spread of the bins with an exact sum', () => {
    // two thousand requests in one bucket: a variance of 0, not one below 0 that would be cut off, nor a made-up one
    const { count, sum, sumOfSquares } = durationMoments([[binOf(175_000), 2_000]], 2_000 * 240_000, undefined)
    expect(sum).toBe(480_000_000)
    expect(sumOfSquares - sum ** 2 / count).toBeCloseTo(0, 0)
  })

  it('is 0 without durations', () => {
    expect(durationMoments([], 0, 0)).toEqual({ count: 0, sum: 0, sumOfSquares: 0 })
  })
})
