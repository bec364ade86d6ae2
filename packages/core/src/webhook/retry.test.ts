import { describe, expect, it } from 'vitest'
import { isWorthAnotherTry } from './retry.js'

describe('a retry', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 599])('may help after %i', (status) => {
    expect(isWorthAnotherTry(status)).toBe(true)
  })

  it.each([301, 307, 400, 401, 403, 404, 410, 413, 422])('does not help after %i', (status) => {
    expect(isWorthAnotherTry(status)).toBe(false)
  })
})
