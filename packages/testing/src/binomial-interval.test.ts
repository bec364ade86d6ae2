import { describe, expect, it } from 'vitest'
import { binomialInterval } from './binomial-interval.js'

describe('binomialInterval', () => {
  it('matches the tables of Conover (1999), Practical Nonparametric Statistics: 5 of 25', () => {
    expect(binomialInterval({ hits: 5, trials: 25 })).toEqual([expect.closeTo(0.068, 3), expect.closeTo(0.407, 3)])
  })

  it.each([
    [9, 24, 0.1879929, 0.5940636],
    [682, 925, 0.7076683, 0.7654066],
  ])('matches binom.test of R: %d of %d', (hits, trials, low, high) => {
    expect(binomialInterval({ hits, trials })).toEqual([expect.closeTo(low, 7), expect.closeTo(high, 7)])
  })

  it.each([
    [1, 2, 0.01257911709343, 0.98742088290657],
    [1, 29, 0.00087264688358, 0.17764429548872],
    [3, 200, 0.00310410762155, 0.04320828191771],
    [37, 2_000, 0.01305831541833, 0.02541037899654],
    [81, 263, 0.25273674558527, 0.36762192260135],
  ])('matches the binomial sums in 60 decimal digits: %d of %d', (hits, trials, low, high) => {
    expect(binomialInterval({ hits, trials })).toEqual([expect.closeTo(low, 12), expect.closeTo(high, 12)])
  })

  it('ends at 0 without hits, and at 1 if all trials are hits', () => {
    const high = 1 - 0.025 ** (1 / 200) // no hit in 200 has a chance of 2.5 %
    expect(binomialInterval({ hits: 0, trials: 200 })).toEqual([0, expect.closeTo(high, 12)])
    expect(binomialInterval({ hits: 200, trials: 200 })).toEqual([expect.closeTo(1 - high, 12), 1])
  })

  it('contains the true rate in at least 95 % of samples, whatever the rate', () => {
    const trials = 50
    const intervals = Array.from({ length: trials + 1 }, (_, hits) => binomialInterval({ hits, trials }))
    for (const rate of [0.001, 0.01, 0.02, 0.1, 0.3, 0.5, 0.97]) {
      const covered = intervals.reduce((sum, [low, high], hits) => {
        return low <= rate && rate <= high ? sum + chanceOf(hits, trials, rate) : sum
      }, 0)
      expect(covered).toBeGreaterThanOrEqual(0.95)
    }
  })
})

/** The binomial probability, factor by factor. */
function chanceOf(hits: number, trials: number, rate: number): number {
  let chance = (1 - rate) ** (trials - hits)
  for (let hit = 1; hit <= hits; hit += 1) chance *= (rate * (trials - hits + hit)) / hit
  return chance
}
