import { describe, expect, it } from 'vitest'
import type { Moments } from './moments.js'
import { welch, welchTest } from './welch-test.js'

const moments = (count: number, sum: number, sumOfSquares: number): Moments => ({ count, sum, sumOfSquares })

describe('welch', () => {
  it('matches scipy.stats.ttest_ind(equal_var=False) on latencies of 300 against 2,700 requests', () => {
    const result = welch({ baseline: moments(2700, 324_000, 63_450_000), canary: moments(300, 42_000, 8_730_000) })
    expect(result?.t).toBeCloseTo(3.3736746635, 9)
    expect(result?.degreesOfFreedom).toBeCloseTo(365.3693345, 6)
    expect(result!.pValue / 4.1059575e-4).toBeCloseTo(1, 7)
  })

  it('asks about a rise only: the mirrored data give the other tail', () => {
    const result = welch({ baseline: moments(300, 42_000, 8_730_000), canary: moments(2700, 324_000, 63_450_000) })
    expect(result?.t).toBeCloseTo(-3.3736746635, 9)
    expect(result?.pValue).toBeCloseTo(1 - 4.1059575e-4, 10)
  })

  it('makes no decision below two values in either arm', () => {
    const enough = moments(300, 42_000, 8_730_000)
    expect(welch({ baseline: moments(1, 9, 81), canary: enough })).toBeUndefined()
    expect(welch({ baseline: enough, canary: moments(0, 0, 0) })).toBeUndefined()
  })

  it('takes two different constants for certainly different, and equal ones for no rise', () => {
    const never = moments(1000, 0, 0)
    const always = moments(100, 100, 100)
    expect(welch({ baseline: never, canary: always })?.pValue).toBe(0)
    expect(welch({ baseline: always, canary: never })?.pValue).toBe(1)
    expect(welch({ baseline: never, canary: moments(100, 0, 0) })?.pValue).toBe(1)
  })

  it('needs variation in one arm only', () => {
    // t = 0.1/√(0.09·100/99/100) = 3.3166…, all of the variance on the canary's 99 degrees of freedom
    const result = welch({ baseline: moments(1000, 0, 0), canary: moments(100, 10, 10) })
    expect(result?.t).toBeCloseTo(Math.sqrt(11), 12)
    expect(result?.degreesOfFreedom).toBeCloseTo(99, 9)
  })
})

describe('welchTest', () => {
  it('has an alpha of 0.05 unless told otherwise', () => {
    expect(welchTest()).toMatchObject({ name: 'welch', alpha: 0.05 })
    expect(welchTest({ alpha: 0.01 }).alpha).toBe(0.01)
  })

  it.each([0, 0.5, 1, -0.1, Number.NaN, '0.05', null])('refuses an alpha of %s', (alpha) => {
    expect(() => welchTest({ alpha: alpha as number })).toThrow('[INVALID_OPTION]')
  })

  it('refuses an option that it does not know', () => {
    expect(() => welchTest({ level: 0.05 } as object)).toThrow('[UNKNOWN_OPTION]')
  })
})

/** Mulberry32: small, seeded, good enough to simulate with. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How often the test at 5 % calls the canary worse, over seeded repetitions. */
function rejectionRate(repetitions: number, draw: (random: () => number) => [Moments, Moments]): number {
  const random = seeded(20_261_123)
  const test = welchTest({ alpha: 0.05 })
  let rejections = 0
  for (let i = 0; i < repetitions; i++) {
    const [baseline, canary] = draw(random)
    if (test.pValueOf({ baseline, canary })! <= test.alpha) rejections += 1
  }
  return rejections / repetitions
}

function sample(size: number, value: () => number): Moments {
  let sum = 0
  let sumOfSquares = 0
  for (let i = 0; i < size; i++) {
    const one = value()
    sum += one
    sumOfSquares += one * one
  }
  return { count: size, sum, sumOfSquares }
}

const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

describe('statistics', () => {
  const REPETITIONS = 2_000
  const UPPER = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / REPETITIONS)

  it.each([
    ['1/99', 10, 990],
    ['10/90', 100, 900],
    ['50/50', 500, 500],
  ])('at a split of %s, calls an unchanged canary worse in one look of twenty at most', (_split, canary, baseline) => {
    const latency = (random: () => number) => () => 120 * Math.exp(0.7 * normal(random))
    const rate = rejectionRate(REPETITIONS, (random) => [
      sample(baseline, latency(random)),
      sample(canary, latency(random)),
    ])
    expect(rate).toBeLessThanOrEqual(UPPER)
  })

  it('holds 5 % also where the small arm varies three times as much, where a pooled test does not', () => {
    const rate = rejectionRate(REPETITIONS, (random) => [
      sample(270, () => normal(random)),
      sample(30, () => 3 * normal(random)),
    ])
    expect(rate).toBeLessThanOrEqual(UPPER)
    expect(rate).toBeGreaterThanOrEqual(0.05 - 3 * Math.sqrt((0.05 * 0.95) / REPETITIONS))
  })

  it('finds a rise of 2.487 standard errors in 80 % of the cases', () => {
    const rise = (1.6449 + 0.8416) * Math.sqrt(1 / 100 + 1 / 900) // z(.95) + z(.80)
    const rate = rejectionRate(REPETITIONS, (random) => [
      sample(900, () => normal(random)),
      sample(100, () => rise + normal(random)),
    ])
    expect(Math.abs(rate - 0.8)).toBeLessThanOrEqual(3 * Math.sqrt((0.8 * 0.2) / REPETITIONS))
  })
})
