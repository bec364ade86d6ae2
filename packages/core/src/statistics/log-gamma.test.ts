import { describe, expect, it } from 'vitest'
import { logGamma } from './log-gamma.js'

describe('logGamma', () => {
  it('is the logarithm of a factorial at whole numbers', () => {
    expect(logGamma(1)).toBeCloseTo(0, 14)
    expect(logGamma(3)).toBeCloseTo(Math.LN2, 13) // ln 2!
    expect(logGamma(10)).toBeCloseTo(12.80182748008147, 13) // ln 9!
  })

  it('is ½ ln π at one half', () => {
    expect(logGamma(0.5)).toBeCloseTo(0.5723649429247, 14)
  })

  it.each([
    [0.001, 6.9071788853839],
    [1.5, -0.12078223763525],
    [171.5, 709.14316303093],
    [1e6, 12815504.5691476],
  ])('matches mpmath at %d', (x, expected) => {
    expect(logGamma(x) / expected).toBeCloseTo(1, 12)
  })
})
