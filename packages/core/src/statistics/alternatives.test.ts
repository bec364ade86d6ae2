import { expect, it } from 'vitest'
import {
  CLASS_ALTERNATIVES,
  LIMIT_ALTERNATIVES,
  MEAN_ALTERNATIVES,
  RATE_ALTERNATIVES,
  SAFE_ALTERNATIVES,
} from './alternatives.js'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

it.each([
  ['rates', RATE_ALTERNATIVES],
  ['classes', CLASS_ALTERNATIVES],
  ['means', MEAN_ALTERNATIVES],
  ['limits', LIMIT_ALTERNATIVES],
  ['safe moves', SAFE_ALTERNATIVES],
])('the parts of %s sum to 1, one for each move', (_, { shifts, parts }) => {
  expect(sum(parts)).toBeCloseTo(1, 12)
  expect(parts).toHaveLength(shifts.length)
})

it('every harm that is looked for lies beyond the margin, and every safe move within it', () => {
  for (const { shifts } of [RATE_ALTERNATIVES, CLASS_ALTERNATIVES, MEAN_ALTERNATIVES])
    expect(Math.min(...shifts)).toBeGreaterThan(1)
  expect(Math.max(...SAFE_ALTERNATIVES.shifts)).toBeLessThan(1)
})

it('every excess over a limit that is looked for lies above it, and the least is a small part of the margin', () => {
  expect(Math.min(...LIMIT_ALTERNATIVES.shifts)).toBe(0.1)
})
