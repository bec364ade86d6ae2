import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capLog, LARGEST_LOG, logAdd, logSum } from './log-space.js'

const NOTHING = Number.NEGATIVE_INFINITY

describe('logAdd', () => {
  it.each([
    [0, 0, Math.LN2],
    [1, 2, 2.313261687518223],
    [-1000, -1001, -999.686738312482],
    [700, -700, 700],
  ])('matches mpmath on %d and %d, in either order', (a, b, expected) => {
    expect(logAdd(a, b)).toBeCloseTo(expected, 12)
    expect(logAdd(b, a)).toBe(logAdd(a, b))
  })

  it('adds nothing to what is there, and nothing to nothing', () => {
    expect(logAdd(NOTHING, 3)).toBe(3)
    expect(logAdd(3, NOTHING)).toBe(3)
    expect(logAdd(NOTHING, NOTHING)).toBe(NOTHING)
  })

  it('keeps an infinity', () => {
    expect(logAdd(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
    expect(logAdd(Number.POSITIVE_INFINITY, 3)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('logSum', () => {
  it('matches mpmath where every term alone would be 0', () => {
    expect(logSum([-800, -801, -805])).toBeCloseTo(-799.681824570753, 11)
  })

  it('is the logarithm of a weighted mean, the weights added as logarithms', () => {
    expect(logSum([Math.log(0.5) + 3, Math.log(0.3) - 2])).toBeCloseTo(2.3108874376105497, 13)
  })

  it('has nothing to sum in an empty list, nor in one of nothings', () => {
    expect(logSum([])).toBe(NOTHING)
    expect(logSum([NOTHING, NOTHING])).toBe(NOTHING)
    expect(logSum([NOTHING, 2])).toBe(2)
  })

  it('keeps an infinity', () => {
    expect(logSum([1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('capLog', () => {
  it('keeps what has a finite exponential and cuts the rest', () => {
    expect([NOTHING, -701, -3, 0, 699.5, 701, Number.POSITIVE_INFINITY].map(capLog)).toEqual([
      -700, -700, -3, 0, 699.5, 700, 700,
    ])
    expect(Number.isFinite(Math.exp(LARGEST_LOG))).toBe(true)
    expect(Math.exp(-LARGEST_LOG)).toBeGreaterThan(0)
  })
})

describe('properties', () => {
  const log = fc.double({ min: -2_000, max: 2_000, noNaN: true })

  it('a sum lies between the largest term and that plus the logarithm of how many there are', () => {
    fc.assert(
      fc.property(fc.array(log, { minLength: 1, maxLength: 20 }), (logs) => {
        const largest = Math.max(...logs)
        expect(logSum(logs)).toBeGreaterThanOrEqual(largest)
        expect(logSum(logs)).toBeLessThanOrEqual(largest + Math.log(logs.length) + 1e-9)
      }),
    )
  })

  it('adding one by one gives the sum of all', () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 20 }), (logs) => {
        const oneByOne = logs.reduce(logAdd, NOTHING)
        expect(oneByOne === logSum(logs) || Math.abs(oneByOne - logSum(logs)) < 1e-9).toBe(true)
      }),
    )
  })
})
