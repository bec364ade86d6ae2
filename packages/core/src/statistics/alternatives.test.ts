import { expect, it } from 'vitest'
import { CLASS_HARMS, LIMIT_HARMS, MEAN_HARMS, RATE_HARMS, SAFE_MOVES } from './alternatives.js'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

it.each([
  ['rates', RATE_HARMS],
  ['classes', CLASS_HARMS],
  ['means', MEAN_HARMS],
  ['limits', LIMIT_HARMS],
  ['safe moves', SAFE_MOVES],
])('the weights of %s sum to 1, one for each move', (_, { shifts, weights }) => {
  expect(sum(weights)).toBeCloseTo(1, 12)
  expect(weights).toHaveLength(shifts.length)
})

it('every harm that is looked for lies beyond the margin, and every safe move within it', () => {
  for (const { shifts } of [RATE_HARMS, CLASS_HARMS, MEAN_HARMS]) expect(Math.min(...shifts)).toBeGreaterThan(1)
  expect(Math.max(...SAFE_MOVES.shifts)).toBeLessThan(1)
})

it('every excess over a limit that is looked for lies above it, and the least is a small part of the margin', () => {
  expect(Math.min(...LIMIT_HARMS.shifts)).toBe(0.1)
})
