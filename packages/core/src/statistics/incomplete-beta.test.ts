import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incompleteBeta } from './incomplete-beta.js'

describe('incompleteBeta', () => {
  it('is the upper tail of a binomial at whole numbers', () => {
    expect(incompleteBeta(0.5, 2, 3)).toBeCloseTo(11 / 16, 14) // P(two or more heads of four)
    expect(incompleteBeta(0.2, 1, 7)).toBeCloseTo(1 - 0.8 ** 7, 14)
  })

  it('is 0 and 1 at the ends, and beyond them', () => {
    expect([-0.1, 0, 1, 1.1].map((x) => incompleteBeta(x, 2, 3))).toEqual([0, 0, 1, 1])
  })

  it.each([
    [0.3, 0.5, 0.5, 0.36901011956555],
    [0.9, 5, 0.5, 0.31664291502001],
    [0.97, 182.6846672, 0.5, 0.00085693298321128],
    [0.1, 10, 10, 3.929882327128e-6],
    [0.999999, 500_000, 0.5, 0.31731050786285],
  ])('matches mpmath at x = %d, a = %d, b = %d', (x, a, b, expected) => {
    expect(incompleteBeta(x, a, b) / expected).toBeCloseTo(1, 8)
  })

  describe('properties', () => {
    const shape = fc.double({ min: 0.1, max: 500, noNaN: true })
    const share = fc.double({ min: 0, max: 1, noNaN: true })

    it('I_x(a, 1) is x to the power of a', () => {
      fc.assert(fc.property(share, shape, (x, a) => Math.abs(incompleteBeta(x, a, 1) - x ** a) < 1e-12))
    })

    it('never falls as x rises', () => {
      fc.assert(
        fc.property(shape, shape, share, share, (a, b, x, y) => {
          const [low, high] = [Math.min(x, y), Math.max(x, y)]
          expect(incompleteBeta(low, a, b)).toBeLessThanOrEqual(incompleteBeta(high, a, b) + 1e-12)
        }),
      )
    })
  })
})
