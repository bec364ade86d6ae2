import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from './error-codes.js'
import { CanaryError, isCanaryError } from './errors.js'

describe('CanaryError', () => {
  it('has a closed code, a sentence that names it, and the cause', () => {
    const cause = new Error('below')
    const error = new CanaryError('INVALID_WEIGHT', 'got 150', { cause })
    expect(error).toMatchObject({ name: 'CanaryError', code: 'INVALID_WEIGHT', cause })
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toContain('got 150')
    expect(error.message).toContain('[INVALID_WEIGHT]')
  })

  it('has codes in capitals, each once', () => {
    expect(ERROR_CODES.length).toBeGreaterThan(30)
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length)
    expect(ERROR_CODES.filter((code) => !/^[A-Z]+(_[A-Z]+)*$/.test(code))).toEqual([])
  })
})

describe('isCanaryError', () => {
  const error = new CanaryError('CLOSED', 'x')

  it('tells by name and code, and needs no shared class', () => {
    const fromAnotherCopy = Object.assign(new Error('x'), { name: 'CanaryError', code: 'CLOSED' })
    expect([error, fromAnotherCopy].map((one) => isCanaryError(one, 'CLOSED'))).toEqual([true, true])
    expect(isCanaryError(error)).toBe(true)
    expect(isCanaryError(error, 'TERMINAL')).toBe(false)
  })

  it.each([[null], [undefined], ['CLOSED'], [{ name: 'CanaryError', code: 'CLOSED' }], [new TypeError('x')]])(
    'says no to %s',
    (value) => {
      expect(isCanaryError(value)).toBe(false)
    },
  )
})
