import { describe, expect, it } from 'vitest'
import { retryAfterMsOf } from './retry-after.js'

const NOW = Date.UTC(2026, 0, 1)

describe('retry-after', () => {
  it.each([
    [null, undefined],
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', 0],
    ['2', 2_000],
    [' 2 ', 2_000],
    ['0', 0],
    ['31', 30_000],
    ['99999999999999999999', 30_000],
    ['9'.repeat(65), undefined],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Thu, 01 Jan 2026 01:00:00 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ])('of %j asks for %i ms, at most 30 s in this test', (header, expected) => {
    expect(retryAfterMsOf(header, NOW, 30_000)).toBe(expected)
  })
})
