import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { studentTail } from './student-t.js'

describe('studentTail', () => {
  it.each([
    // the one-sided points of the table in any textbook (Student, 1908; here Fisher and Yates, table III)
    [6.314, 1, 0.05],
    [2.92, 2, 0.05],
    [2.015, 5, 0.05],
    [2.764, 10, 0.01],
    [1.697, 30, 0.05],
    [2.358, 120, 0.01],
  ])('t = %d on %d degrees of freedom is the published point of %d', (t, degreesOfFreedom, p) => {
    expect(studentTail(t, degreesOfFreedom)).toBeCloseTo(p, 4)
  })

  it.each([
    [2, 5, 0.050969739414929],
    [1.96, 1e6, 0.024998033792635],
    [-1.5, 7.3, 0.91221845359846],
    [0.1, 2.5, 0.46390327203124],
    [40, 3, 1.7190340394579e-5],
  ])('matches mpmath at t = %d on %d degrees of freedom', (t, degreesOfFreedom, expected) => {
    expect(studentTail(t, degreesOfFreedom) / expected).toBeCloseTo(1, 8)
  })

  it('keeps five digits at a billion degrees of freedom, where it is the normal tail', () => {
    expect(studentTail(1.6448536269515, 1e9)).toBeCloseTo(0.05, 6)
  })

  it('is one half at zero', () => {
    expect(studentTail(0, 3)).toBe(0.5)
  })

  describe('properties', () => {
    const value = fc.double({ min: -50, max: 50, noNaN: true })

    it('has its closed form on one and on two degrees of freedom', () => {
      fc.assert(
        fc.property(value, (t) => {
          expect(studentTail(t, 1)).toBeCloseTo(0.5 - Math.atan(t) / Math.PI, 12)
          expect(studentTail(t, 2)).toBeCloseTo(0.5 - t / (2 * Math.sqrt(2 + t * t)), 12)
        }),
      )
    })

    it('is symmetric about zero', () => {
      fc.assert(
        fc.property(value, fc.double({ min: 1, max: 1e6, noNaN: true }), (t, degreesOfFreedom) => {
          expect(studentTail(t, degreesOfFreedom) + studentTail(-t, degreesOfFreedom)).toBeCloseTo(1, 12)
        }),
      )
    })
  })
})
