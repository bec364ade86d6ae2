import { describe, expect, it } from 'vitest'
import { outcomeOfError, outcomeOfStatus } from './status-outcome.js'

describe('the outcome of a status', () => {
  it.each([400, 406, 413, 414, 415, 416, 422])('%i is the caller’s mistake', (status) => {
    expect(outcomeOfStatus(status)).toBe('rejected')
  })

  it.each([401, 403, 404, 405, 409, 410, 418, 429, 499, 500, 502, 503, 504])('%i is an error', (status) => {
    expect(outcomeOfStatus(status)).toBe('error')
  })

  it('408 is a timeout', () => {
    expect(outcomeOfStatus(408)).toBe('timeout')
  })

  it.each([200, 204, 304, 399, Number.NaN, '400', undefined, null])('%s says nothing', (status) => {
    expect(outcomeOfStatus(status)).toBeUndefined()
  })
})

describe('the outcome of an error', () => {
  it('is that of its status, or of its statusCode', () => {
    expect(outcomeOfError(Object.assign(new Error('bad'), { status: 422 }))).toBe('rejected')
    expect(outcomeOfError(Object.assign(new Error('bad'), { statusCode: 413 }))).toBe('rejected')
    expect(outcomeOfError(Object.assign(new Error('bad'), { status: '422', statusCode: 408 }))).toBe('timeout')
  })

  it.each([new Error('plain'), 'a text', null, undefined, 7, { status: 200 }, { code: 400 }])(
    'is an error where it has none that says otherwise: %s',
    (error) => {
      expect(outcomeOfError(error)).toBe('error')
    },
  )

  it('is an error where the status cannot be read', () => {
    const hostile = {
      get status() {
        throw new Error('revoked')
      },
    }
    expect(outcomeOfError(hostile)).toBe('error')
  })
})
