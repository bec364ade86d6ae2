import { seededRandom } from '@model-canary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logLimitEvidence } from './limit-evidence.js'

describe('logLimitEvidence', () => {
  it('is the logarithm of a likelihood ratio', () => {
    expect(logLimitEvidence({ n: 300, x: 12 }, 0.04, 0.01)).toBeCloseTo(7.77329463741362, 12) // mpmath
    expect(logLimitEvidence({ n: 300, x: 3 }, 0.04, 0.01)).toBeCloseTo(-4.98029954066617, 12)
  })

  it('is no evidence without requests', () => {
    expect(logLimitEvidence({ n: 0, x: 0 }, 0.04, 0.01)).toBe(0)
  })

  it('is no evidence where the alternative does not exceed the limit', () => {
    expect(logLimitEvidence({ n: 300, x: 300 }, 0.999, 0.999)).toBe(0)
    expect(logLimitEvidence({ n: 300, x: 300 }, 0.999, 1)).toBe(0)
    expect(logLimitEvidence({ n: 300, x: 300 }, Number.NaN, 0.5)).toBe(0)
  })

  it('refutes a limit of 0 by a single hit, with a number, and finds none in no hits', () => {
    expect(logLimitEvidence({ n: 300, x: 1 }, 0.04, 0)).toBe(700)
    expect(logLimitEvidence({ n: 300, x: 0 }, 0.04, 0)).toBeCloseTo(300 * Math.log(0.96), 12)
  })
})

/** The exact expectation of e: the sum over every outcome. */
function expectationOf(n: number, p: number, alternative: number, limit: number): number {
  let choose = 1
  let sum = 0
  for (let x = 0; x <= n; x += 1) {
    sum += choose * p ** x * (1 - p) ** (n - x) * Math.exp(logLimitEvidence({ n, x }, alternative, limit))
    choose = (choose * (n - x)) / (x + 1)
  }
  return sum
}

describe('validity', () => {
  const LIMITS = [0.001, 0.01, 0.05, 0.2, 0.5, 0.9]

  it('e is 1 at most in expectation for every rate up to the limit, by the sum over every outcome', () => {
    for (const n of [1, 5, 45]) {
      for (const limit of LIMITS) {
        for (const shift of [0.001, 0.02, 0.3]) {
          const alternative = Math.min(limit + shift, 0.999)
          expect(expectationOf(n, limit, alternative, limit)).toBeCloseTo(1, 9)
          for (const p of [0, limit / 2, 0.99 * limit]) {
            expect(expectationOf(n, p, alternative, limit)).toBeLessThanOrEqual(1 + 1e-9)
          }
        }
      }
    }
  })

  it('a rate at the limit alarms in one rollout of twenty at most, looked at after every block', () => {
    const RUNS = 1_000
    const random = seededRandom(7)
    let alarms = 0
    for (let run = 0; run < RUNS; run += 1) {
      let log = 0
      for (let block = 0; block < 200 && log < Math.log(20); block += 1) {
        let x = 0
        for (let request = 0; request < 10; request += 1) if (random() < 0.05) x += 1
        log += logLimitEvidence({ n: 10, x }, 0.08, 0.05)
      }
      if (log >= Math.log(20)) alarms += 1
    }
    expect(alarms / RUNS).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS))
    expect(alarms).toBeGreaterThan(0)
  })
})

describe('properties', () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true })
  const inside = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true })

  it('is a finite number, and one more hit never lowers it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), rate, inside, rate, (n, share, alternative, limit) => {
        const x = Math.floor((n - 1) * share)
        const log = logLimitEvidence({ n, x }, alternative, limit)
        expect(Number.isFinite(log)).toBe(true)
        expect(logLimitEvidence({ n, x: x + 1 }, alternative, limit)).toBeGreaterThanOrEqual(log)
      }),
    )
  })
})
