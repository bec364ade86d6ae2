import { seededRandom } from '@model-canary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logExceedsEvidence, logStaysBelowEvidence } from './mean-evidence.js'

describe('logExceedsEvidence', () => {
  it('is the logarithm of a likelihood ratio of two normal distributions', () => {
    expect(logExceedsEvidence(80, 100, 25, 50)).toBe(15) // (55·50 − 1250)/100
    expect(logExceedsEvidence(0, 100, 25, 50)).toBe(-25)
    expect(logExceedsEvidence(50, 100, 25, 50)).toBe(0) // half way between both
  })
})

describe('logStaysBelowEvidence', () => {
  it('is the same in the mirror', () => {
    expect(logStaysBelowEvidence(0, 100, 50, 50)).toBe(12.5) // (50·50 − 1250)/100
    expect(logStaysBelowEvidence(50, 100, 50, 50)).toBe(-12.5)
    expect(logStaysBelowEvidence(25, 100, 50, 50)).toBe(0)
  })
})

describe.each([
  ['logExceedsEvidence', logExceedsEvidence],
  ['logStaysBelowEvidence', logStaysBelowEvidence],
])('%s', (_name, evidence) => {
  it('is no evidence without a variance to judge by', () => {
    expect(evidence(80, 0, 25, 50)).toBe(0)
    expect(evidence(80, -1, 25, 50)).toBe(0)
    expect(evidence(80, Number.NaN, 25, 50)).toBe(0)
  })

  it('stays a number where the variance is next to nothing', () => {
    expect(Math.abs(evidence(80, Number.MIN_VALUE, 25, 50))).toBe(700)
    expect(Math.abs(evidence(-80, Number.MIN_VALUE, 25, 50))).toBe(700)
  })
})

/** The expectation of e for a normal difference, by the trapezoid rule over 24 standard deviations. */
function expectationOf(log: (difference: number) => number, mean: number, variance: number): number {
  const step = 0.01
  let sum = 0
  for (let z = -12; z <= 12; z += step) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
    sum += step * density * Math.exp(log(mean + z * Math.sqrt(variance)))
  }
  return sum
}

const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

interface Sums {
  n: number
  sum: number
  squares: number
}

function draw(random: () => number, n: number, mean: number, deviation: number): Sums {
  const drawn: Sums = { n, sum: 0, squares: 0 }
  for (let at = 0; at < n; at += 1) {
    const value = mean + deviation * normal(random)
    drawn.sum += value
    drawn.squares += value * value
  }
  return drawn
}

const varianceOf = ({ n, sum, squares }: Sums) => (squares - (sum * sum) / n) / (n - 1)

/** Returns an arm's sums with one more block, where earlier blocks decay. */
const remember = (before: Sums, { n, sum, squares }: Sums): Sums => ({
  n: 0.98 * before.n + n,
  sum: 0.98 * before.sum + sum,
  squares: 0.98 * before.squares + squares,
})

describe('validity', () => {
  it.each([25, 400, 2_500])(
    'e is 1 in expectation on the boundary and less inside the null, at a variance of %d',
    (variance) => {
      for (const shift of [10, 25, 50]) {
        const exceeds = (difference: number) => logExceedsEvidence(difference, variance, 25, shift)
        const staysBelow = (difference: number) => logStaysBelowEvidence(difference, variance, 50, shift)
        if (shift * shift > 30 * variance) continue // the tail that carries the expectation lies outside the sum
        expect(expectationOf(exceeds, 25, variance)).toBeCloseTo(1, 6)
        expect(expectationOf(exceeds, 15, variance)).toBeLessThan(1)
        expect(expectationOf(staysBelow, 50, variance)).toBeCloseTo(1, 6)
        expect(expectationOf(staysBelow, 60, variance)).toBeLessThan(1)
      }
    },
  )

  const RUNS = 600
  const UPPER = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS)

  /** The share of rollouts in which the evidence ever reached 20, the variance taken from earlier blocks. */
  function alarmRate(
    nc: number,
    nb: number,
    difference: number,
    log: (d: number, v: number, at: number) => number,
  ): number {
    const random = seededRandom(11)
    const weights = [0.4, 0.36, 0.24]
    let alarms = 0
    for (let run = 0; run < RUNS; run += 1) {
      const logs = [0, 0, 0]
      let ofBaseline = draw(random, 100, 120, 84)
      let ofCanary: Sums = { n: 0, sum: 0, squares: 0 }
      for (let block = 0; block < 60; block += 1) {
        const baseline = draw(random, nb, 120, 84)
        const canary = draw(random, nc, 120 + difference, 84)
        const noise = varianceOf(ofBaseline)
        const canaryNoise = ofCanary.n < 2 ? noise : Math.max(varianceOf(ofCanary), noise / 2)
        const d = canary.sum / nc - baseline.sum / nb
        logs.forEach((_, at) => {
          logs[at]! += log(d, canaryNoise / nc + noise / nb, at)
        })
        ofBaseline = remember(ofBaseline, baseline)
        ofCanary = remember(ofCanary, canary)
        if (logs.reduce((sum, value, at) => sum + weights[at]! * Math.exp(value), 0) >= 20) {
          alarms += 1
          break
        }
      }
    }
    return alarms / RUNS
  }

  it.each([
    [10, 10],
    [10, 40],
    [40, 10],
  ])('a difference on the boundary alarms in one rollout of twenty at most, blocks of %d against %d', (nc, nb) => {
    const exceeds = (d: number, v: number, at: number) => logExceedsEvidence(d, v, 25, [50, 125, 375][at]!)
    const staysBelow = (d: number, v: number, at: number) => logStaysBelowEvidence(d, v, 50, [50, 25, 10][at]!)
    expect(alarmRate(nc, nb, 25, exceeds)).toBeLessThanOrEqual(UPPER)
    expect(alarmRate(nc, nb, 50, staysBelow)).toBeLessThanOrEqual(UPPER)
  })

  it('finds 80 ms more against a margin of 50, and proves an equal canary safe', () => {
    const exceeds = (d: number, v: number, at: number) => logExceedsEvidence(d, v, 25, [50, 125, 375][at]!)
    const staysBelow = (d: number, v: number, at: number) => logStaysBelowEvidence(d, v, 50, [50, 25, 10][at]!)
    expect(alarmRate(10, 40, 80, exceeds)).toBeGreaterThan(0.99)
    expect(alarmRate(10, 40, 0, staysBelow)).toBeGreaterThan(0.99)
  })
})

describe('properties', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  const variance = fc.double({ min: 0, max: 1e12, noNaN: true })
  const shift = fc.double({ min: 1e-6, max: 1e6, noNaN: true })

  it('is a finite number for all finite ones', () => {
    fc.assert(
      fc.property(value, variance, value, shift, (difference, variance, boundary, shift) => {
        expect(Number.isFinite(logExceedsEvidence(difference, variance, boundary, shift))).toBe(true)
        expect(Number.isFinite(logStaysBelowEvidence(difference, variance, boundary, shift))).toBe(true)
      }),
    )
  })

  it('what exceeds a boundary stays below it with both signs turned', () => {
    fc.assert(
      fc.property(value, variance, value, shift, (difference, variance, boundary, shift) => {
        const mirrored = logStaysBelowEvidence(-difference, variance, -boundary, shift)
        expect(logExceedsEvidence(difference, variance, boundary, shift)).toBe(mirrored)
      }),
    )
  })
})
