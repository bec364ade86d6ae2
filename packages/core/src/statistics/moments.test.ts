import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Moments, meanOf, mergeMoments, noMoments, subtractMoments, varianceOf } from './moments.js'

function momentsOf(values: readonly number[]): Moments {
  return values.map((value) => ({ count: 1, sum: value, sumOfSquares: value * value })).reduce(mergeMoments, noMoments)
}

describe('moments', () => {
  it('give the mean and the sample variance: 2 4 4 4 5 5 7 9 have 5 and 32/7', () => {
    const moments = momentsOf([2, 4, 4, 4, 5, 5, 7, 9])
    expect(meanOf(moments)).toBe(5)
    expect(varianceOf(moments)).toBeCloseTo(32 / 7, 12)
  })

  it('of nothing have no mean', () => {
    expect(meanOf(noMoments)).toBeUndefined()
  })

  it('of a single value have no variance', () => {
    expect(varianceOf(noMoments)).toBeUndefined()
    expect(varianceOf(momentsOf([3]))).toBeUndefined()
  })

  it('never have a variance below 0, however the sums were rounded', () => {
    const thrice = momentsOf([0.1, 0.1, 0.1])
    expect(thrice.sumOfSquares - thrice.sum ** 2 / 3).toBeLessThan(0)
    expect(varianceOf(thrice)).toBe(0)
  })

  it('that lost a value were reset', () => {
    expect(subtractMoments(momentsOf([1]), momentsOf([1, 2]))).toBeUndefined()
  })

  it('to which nothing was added leave nothing, not a rounding error', () => {
    const now = { count: 3, sum: 0.6000000000000001, sumOfSquares: 0.14 }
    expect(subtractMoments(now, { count: 3, sum: 0.6, sumOfSquares: 0.14 })).toEqual(noMoments)
  })
})

describe('properties', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })

  it('merging equals taking the moments of everything', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expectClose(mergeMoments(momentsOf(a), momentsOf(b)), momentsOf([...a, ...b]))
      }),
    )
  })

  it('subtracting undoes merging', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expectClose(subtractMoments(mergeMoments(momentsOf(a), momentsOf(b)), momentsOf(b))!, momentsOf(a))
      }),
    )
  })

  it('mean and variance are those of the list', () => {
    fc.assert(
      fc.property(values, (list) => {
        const mean = list.reduce((sum, value) => sum + value, 0) / list.length
        const squares = list.reduce((sum, value) => sum + (value - mean) ** 2, 0)
        expect(meanOf(momentsOf(list))).toBeCloseTo(mean, 6)
        if (list.length > 1)
          expect(Math.abs(varianceOf(momentsOf(list))! - squares / (list.length - 1))).toBeLessThan(1)
      }),
    )
  })

  /** Counts exactly; sums within the rounding of a hundred additions of values up to a million. */
  function expectClose(actual: Moments, expected: Moments): void {
    expect(actual.count).toBe(expected.count)
    expect(Math.abs(actual.sum - expected.sum)).toBeLessThan(1e-5)
    expect(Math.abs(actual.sumOfSquares - expected.sumOfSquares)).toBeLessThan(10)
  }
})
