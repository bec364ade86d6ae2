import { describe, expect, it } from 'vitest'
import { isWorthAnotherTry, pauseBeforeTry, readRetryAfter } from './retry.js'

describe('another try', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 599])('may help after %i', (status) => {
    expect(isWorthAnotherTry(status)).toBe(true)
  })

  it.each([301, 307, 400, 401, 403, 404, 410, 413, 422])('does not help after %i', (status) => {
    expect(isWorthAnotherTry(status)).toBe(false)
  })
})

describe('the pause before it', () => {
  it.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [4, 4_000],
    [5, 8_000],
    [6, 15_000],
    [100, 15_000],
  ])('after %i failures is %i ms at a middling chance', (failures, ms) => {
    expect(pauseBeforeTry(failures, 0.5)).toBe(ms)
  })

  it('is anything from nothing up to that', () => {
    expect([pauseBeforeTry(3, 0), pauseBeforeTry(3, 0.999)]).toEqual([0, 3_996])
  })

  it('is at least what the receiver asked for, a minute at most', () => {
    expect([pauseBeforeTry(1, 0.5, 7_000), pauseBeforeTry(1, 0.5, 3_600_000)]).toEqual([7_000, 60_000])
    expect(pauseBeforeTry(5, 0.5, 1_000)).toBe(8_000)
  })

  it.each([Number.NaN, -1, 1, Number.POSITIVE_INFINITY])('survives a chance of %d', (chance) => {
    expect(pauseBeforeTry(1, chance)).toBe(500)
  })
})

describe('retry-after', () => {
  const now = Date.UTC(2026, 0, 1)
  it.each([
    [null, 0],
    ['0', 0],
    ['12', 12_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['9'.repeat(65), 0],
  ])('of %j asks for %i ms', (value, ms) => {
    expect(readRetryAfter(value, now)).toBe(ms)
  })
})
