import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactStrategy } from './exact.js'

const canaries = (strategy: ReturnType<typeof exactStrategy>, requests: number, weight: number) =>
  Array.from({ length: requests }, () => strategy.pick({}, weight)).filter((variant) => variant === 'canary').length

describe('exactStrategy', () => {
  it('is a split of requests, not of keys', () => {
    expect(exactStrategy()).toMatchObject({ name: 'exact', unit: 'request' })
  })

  it('sends exactly 10 of every 100 requests', () => {
    const strategy = exactStrategy()
    expect(Array.from({ length: 50 }, () => canaries(strategy, 100, 10))).toEqual(Array(50).fill(10))
  })

  it('spaces them evenly', () => {
    const strategy = exactStrategy()
    const picks = Array.from({ length: 8 }, () => strategy.pick({}, 25))
    expect(picks.map((variant) => variant === 'canary')).toEqual([false, true, false, false, false, true, false, false])
  })

  it('is deterministic', () => {
    const [one, other] = [exactStrategy(), exactStrategy()]
    const picksOf = (strategy: typeof one) => Array.from({ length: 1_000 }, () => strategy.pick({}, 33.33))
    expect(picksOf(one)).toEqual(picksOf(other))
  })

  it('sends no request at 0 and every request at 100, regardless of earlier weights', () => {
    const strategy = exactStrategy()
    canaries(strategy, 7, 33.33)
    expect(canaries(strategy, 1_000, 0)).toBe(0)
    expect(canaries(strategy, 1_000, 100)).toBe(1_000)
  })

  it('gives a hundredth of a percent its one request in 10,000', () => {
    const strategy = exactStrategy()
    expect([canaries(strategy, 10_000, 0.01), canaries(strategy, 10_000, 0.01)]).toEqual([1, 1])
  })

  it('does not drift at 0.29, where 0.29 × 100 is 28.999999999999996', () => {
    // 5,000 requests are worth 14.5 canaries, and the half is rounded up: not one request later.
    expect(canaries(exactStrategy(), 5_000, 0.29)).toBe(15)
  })
})

describe('properties', () => {
  const hundredths = fc.integer({ min: 0, max: 10_000 })

  it('is off by at most half a request in every prefix', () => {
    fc.assert(
      fc.property(hundredths, (share) => {
        const strategy = exactStrategy()
        let count = 0
        for (let requests = 1; requests <= 500; requests++) {
          if (strategy.pick({}, share / 100) === 'canary') count++
          expect(Math.abs(count - (requests * share) / 10_000)).toBeLessThanOrEqual(0.5)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('stays as exact when the weight changes from request to request', () => {
    fc.assert(
      fc.property(fc.array(hundredths, { minLength: 1, maxLength: 300 }), (shares) => {
        const strategy = exactStrategy()
        let [count, due] = [0, 0]
        for (const share of shares) {
          if (strategy.pick({}, share / 100) === 'canary') count++
          due += share
          expect(Math.abs(count * 10_000 - due)).toBeLessThanOrEqual(5_000)
        }
      }),
    )
  })

  it('is off by less than one request in any stretch, not only from the start', () => {
    fc.assert(
      fc.property(hundredths, fc.nat(500), fc.integer({ min: 1, max: 500 }), (share, before, stretch) => {
        const strategy = exactStrategy()
        canaries(strategy, before, share / 100)
        expect(Math.abs(canaries(strategy, stretch, share / 100) - (stretch * share) / 10_000)).toBeLessThan(1)
      }),
    )
  })
})
