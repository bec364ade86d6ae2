import { describe, expect, it } from 'vitest'
import { pauseBeforeTry } from './back-off.js'

const backOff = { firstMs: 100, longestMs: 1_000 }

describe('a pause before the next attempt', () => {
  it.each([
    [0, 0, 50],
    [0, 0.75, 75],
    [1, 0, 50],
    [1, 0.5, 100],
    [3, 0.5, 400],
    [4, 0.25, 250],
    [60, 0.5, 500],
    [2_000, 0.999, 999],
  ])('after %i failures and with the random number %d is %d ms', (failures, chance, expected) => {
    expect(pauseBeforeTry(backOff, failures, () => chance)).toBe(expected)
  })

  it.each([-1, 1, Number.NaN, Number.POSITIVE_INFINITY])('treats a random number of %d as one half', (chance) => {
    expect(pauseBeforeTry(backOff, 2, () => chance)).toBe(200)
  })

  it('is never shorter than half of the first bound, which limits the rate', () => {
    for (let draw = 0; draw < 1_000; draw += 1) expect(pauseBeforeTry(backOff, draw % 9)).toBeGreaterThanOrEqual(50)
  })

  it('is at least what the other side asked for', () => {
    expect(pauseBeforeTry(backOff, 0, () => 0, 700)).toBe(700)
    expect(pauseBeforeTry(backOff, 4, () => 0.5, 200)).toBe(500)
  })
})
