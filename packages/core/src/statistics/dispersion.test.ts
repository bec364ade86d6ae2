import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { constants } from '../guardrails/arm.fixture.js'
import { binomial, yes } from '../judging/evidence/evidence.fixture.js'
import { addPair, dispersionOverTime, dispersionOverUsers, mergeSpreads, noSpread } from './dispersion.js'
import { type Moments, mergeMoments, noMoments } from './moments.js'

/** The dispersion that a series of windows shows. */
function overTime(windows: readonly Moments[]): number {
  const spread = windows.slice(1).reduce((sum, window, at) => addPair(sum, windows[at]!, window), noSpread)
  return dispersionOverTime(spread, windows.reduce(mergeMoments, noMoments))
}

/** 800 pairs know a dispersion to 6 %: √(3/800). */
const expectNear = (expected: number, found: number) => expect(Math.abs(found / expected - 1)).toBeLessThan(0.2)

const windowsOf = (count: number, make: (window: number) => Moments) =>
  Array.from({ length: count }, (_, at) => make(at))

describe('over time', () => {
  it('a pair of windows counts with the square of their difference, over the two sizes', () => {
    // (0.5 − 0.2)² / (1/10 + 1/10)
    expect(addPair(noSpread, yes(2, 10), yes(5, 10))).toEqual({
      sum: expect.closeTo(0.45, 12),
      pairs: 1,
      largest: [expect.closeTo(0.45, 12)],
    })
  })

  it('is the mean of the pairs over the variance of all', () => {
    // alternately 1 and 3 of 10: every pair (0.2)²/0.2 = 0.2, the variance of 44 in 220 is 0.2·0.8·220/219
    const windows = windowsOf(22, (at) => yes(at % 2 === 0 ? 1 : 3, 10))
    expect(overTime(windows)).toBeCloseTo((0.2 / 0.16) * (219 / 220), 12)
  })

  it('is about 1 where requests are independent', () => {
    const random = seededRandom(1)
    expectNear(1, overTime(windowsOf(800, () => yes(binomial(random, 700, 0.02), 700))))
    const latencies = () => constants(...Array.from({ length: 40 }, () => [1, 100 + 80 * random() ** 3] as const))
    expectNear(1, overTime(windowsOf(800, latencies)))
  })

  it('is about 5 where errors come five at a time', () => {
    const random = seededRandom(2)
    const bursts = windowsOf(800, () => yes(5 * binomial(random, 140, 0.02), 700))
    expectNear(5, overTime(bursts))
  })

  it('hardly sees a drift through the day', () => {
    const random = seededRandom(3)
    const drifting = windowsOf(800, (at) => yes(binomial(random, 700, 0.01 + (0.04 * at) / 800), 700))
    expectNear(1, overTime(drifting))
  })

  it('is 1 below ten pairs, and where nothing varies', () => {
    const bursts = (count: number) => windowsOf(count, (at) => yes(at % 2 === 0 ? 0 : 50, 100))
    expect(overTime(bursts(10))).toBe(1)
    expect(overTime(bursts(11))).toBeGreaterThan(40)
    expect(overTime(windowsOf(60, () => yes(0, 100)))).toBe(1)
    expect(overTime(windowsOf(60, () => constants([100, 7])))).toBe(1)
  })

  it('takes nothing from a window in which nothing was counted', () => {
    expect(addPair(noSpread, noMoments, yes(5, 10))).toBe(noSpread)
    expect(addPair(noSpread, yes(5, 10), noMoments)).toBe(noSpread)
  })

  it('adds up over generations of windows', () => {
    const [a, b] = [
      { sum: 0.5, pairs: 3, largest: [0.4, 0.1] },
      { sum: 0.25, pairs: 4, largest: [0.2, 0.05] },
    ]
    expect(mergeSpreads(a!, b!)).toEqual({ sum: 0.75, pairs: 7, largest: [0.4, 0.2] })
  })
})

describe('over users', () => {
  const counts = [10, 20, 30, 40, 10, 20, 30, 40]
  const hits = [1, 1, 5, 3, 0, 4, 6, 2]

  it('matches Pearson’s χ² of scipy.stats.chi2_contingency over its degrees of freedom', () => {
    expect(dispersionOverUsers(counts, hits, 0.11 * 0.89)).toBeCloseTo(1.2962692737973638, 12)
  })

  it('passes over places into which nobody falls', () => {
    expect(dispersionOverUsers([...counts, 0, 0], [...hits, 0, 0], 0.11 * 0.89)).toBeCloseTo(1.2962692737973638, 12)
  })

  it('is 1 where fewer than eight places are filled, and where nothing varies', () => {
    expect(dispersionOverUsers(counts.slice(1), hits.slice(1), 0.0001)).toBe(1)
    expect(dispersionOverUsers(counts, hits, 0)).toBe(1)
    expect(dispersionOverUsers([], [], 0.1)).toBe(1)
  })

  it('is about 1 where all users are alike, however heavy, and much more where a few fail on their own', () => {
    const random = seededRandom(4)
    const dispersionOf = (rateOf: (user: number) => number): number => {
      const sums = Array.from({ length: 64 }, () => 0)
      const requests = Array.from({ length: 64 }, () => 0)
      for (let user = 0; user < 2_000; user += 1) {
        const place = Math.floor(64 * random())
        const count = Math.ceil(4_000 / (user + 1)) // Zipf: the second half as often, and so on
        requests[place]! += count
        sums[place]! += binomial(random, count, rateOf(user))
      }
      const total = requests.reduce((sum, n) => sum + n, 0)
      const rate = sums.reduce((sum, x) => sum + x, 0) / total
      return dispersionOverUsers(requests, sums, rate * (1 - rate))
    }
    expect(dispersionOf(() => 0.02)).toBeLessThan(1.5)
    expect(dispersionOf((user) => (user % 33 === 0 ? 0.3 : 0.01))).toBeGreaterThan(10)
  })
})
