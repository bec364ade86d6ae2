import { describe, expect, it } from 'vitest'
import { quantilesOf } from './quantiles.js'

describe('quantilesOf', () => {
  it('gives values that occurred, whatever their order', () => {
    expect(quantilesOf([300, 2, 10])).toEqual({ median: 10, p5: 2, p95: 300 })
    expect(quantilesOf([4, 1, 3, 2])).toEqual({ median: 2, p5: 1, p95: 4 })
  })

  it('leaves 5 % of a hundred values below and above', () => {
    expect(quantilesOf(Array.from({ length: 100 }, (_, index) => index + 1))).toEqual({ median: 50, p5: 5, p95: 95 })
  })

  it('is null without values', () => {
    expect(quantilesOf([])).toBeNull()
  })
})
