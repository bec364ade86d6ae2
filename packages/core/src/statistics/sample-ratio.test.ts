import { seededRandom } from '@model-canary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logSampleRatioEvidence } from './sample-ratio.js'

describe('logSampleRatioEvidence', () => {
  it.each([
    [1_000, 9_000, 0.1, -2.315899988407553],
    [1_120, 8_880, 0.1, 5.29224134715984],
    [300, 2_700, 0.1, -1.72514495326712],
    [700, 9_300, 0.1, 52.50818088982131],
    [30, 970, 0.01, 10.51753424794849],
    [30_000, 29_000, 0.5, 5.26738006701029],
    [1, 9_999, 0.0001, -3.661271804525341],
    [12, 9_988, 0.0001, 13.76824145959768],
  ])('matches mpmath at %d against %d, planned %d', (canary, baseline, share, expected) => {
    expect(logSampleRatioEvidence({ canary, baseline }, share)).toBeCloseTo(expected, 9)
  })

  it('keeps its precision at a hundred million requests', () => {
    const asPlanned = logSampleRatioEvidence({ canary: 10_000_000, baseline: 90_000_000 }, 0.1)
    expect(asPlanned).toBeCloseTo(-6.916178925549363, 5)
    const aside = logSampleRatioEvidence({ canary: 10_050_000, baseline: 89_950_000 }, 0.1)
    expect(aside).toBeCloseTo(131.7651142447711, 5)
  })

  it('says nothing before the second request', () => {
    expect(logSampleRatioEvidence({ canary: 0, baseline: 0 }, 0.1)).toBeCloseTo(0, 12)
    expect(logSampleRatioEvidence({ canary: 1, baseline: 0 }, 0.1)).toBeCloseTo(0, 12)
    expect(logSampleRatioEvidence({ canary: 0, baseline: 1 }, 0.1)).toBeCloseTo(0, 12)
  })
})

/** The largest E of a rollout that is looked at every ten requests. */
function largestEvidence(random: () => number, real: number, planned: number, requests: number): number {
  let canary = 0
  let largest = Number.NEGATIVE_INFINITY
  for (let n = 1; n <= requests; n += 1) {
    if (random() < real) canary += 1
    if (n % 10 === 0) largest = Math.max(largest, logSampleRatioEvidence({ canary, baseline: n - canary }, planned))
  }
  return largest
}

describe('statistics', () => {
  const RUNS = 1_000

  it.each([0.01, 0.1, 0.5])(
    'at a planned share of %d, alarms in one rollout of a hundred at most, looked at all the time',
    (share) => {
      const random = seededRandom(20_261_125)
      let alarms = 0
      for (let run = 0; run < RUNS; run += 1) {
        if (largestEvidence(random, share, share, 600) >= Math.log(100)) alarms += 1
      }
      expect(alarms / RUNS).toBeLessThanOrEqual(0.01 + 3 * Math.sqrt((0.01 * 0.99) / RUNS))
    },
  )

  it('finds that the canary gets 0.7 of what was planned', () => {
    const random = seededRandom(3)
    const found = Array.from({ length: 50 }, () => largestEvidence(random, 0.07, 0.1, 3_000) >= Math.log(100))
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(48)
  })
})

describe('properties', () => {
  const count = fc.integer({ min: 0, max: 100_000 })
  const share = fc.double({ min: 0.0001, max: 0.9999, noNaN: true })

  it('is a martingale: after one more request it is in expectation what it was', () => {
    fc.assert(
      fc.property(count, count, share, (canary, baseline, share) => {
        const log = logSampleRatioEvidence({ canary, baseline }, share)
        const ofCanary = logSampleRatioEvidence({ canary: canary + 1, baseline }, share) - log
        const ofBaseline = logSampleRatioEvidence({ canary, baseline: baseline + 1 }, share) - log
        expect(share * Math.exp(ofCanary) + (1 - share) * Math.exp(ofBaseline)).toBeCloseTo(1, 7)
      }),
    )
  })

  it('is a number, and the same with the arms the other way round', () => {
    fc.assert(
      fc.property(count, count, share, (canary, baseline, share) => {
        const log = logSampleRatioEvidence({ canary, baseline }, share)
        expect(Number.isFinite(log)).toBe(true)
        const swapped = logSampleRatioEvidence({ canary: baseline, baseline: canary }, 1 - share)
        expect(Math.abs(swapped - log)).toBeLessThan(1e-8 * (1 + Math.abs(log)))
      }),
    )
  })
})
