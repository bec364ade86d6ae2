import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CanaryErrorCode } from './errors.js'
import {
  duration,
  numberWithin,
  oneOf,
  optionalFunction,
  percentage,
  refuseUnknown,
  safeName,
  show,
  wholeNumber,
} from './options.js'
import { withMethods } from './with-methods.js'

const code = (expected: CanaryErrorCode) => expect.objectContaining({ code: expected })
const NO_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '1', null, undefined, {}, 1n]

describe('numbers', () => {
  it.each(NO_NUMBERS.map((value) => [value]))('are refused where they are none: %s', (value) => {
    expect(() => numberWithin('x', value, 0, 10)).toThrow(code('INVALID_OPTION'))
    expect(() => duration('x', value)).toThrow(code('INVALID_OPTION'))
    expect(() => wholeNumber('x', value, 0)).toThrow(code('INVALID_OPTION'))
    expect(() => percentage('x', value)).toThrow(code('INVALID_WEIGHT'))
  })

  it('may be the bounds themselves', () => {
    expect([numberWithin('x', 0, 0, 1), numberWithin('x', 1, 0, 1)]).toEqual([0, 1])
    expect(() => numberWithin('x', 1.01, 0, 1)).toThrow('x must be a number from 0 to 1, got 1.01')
    expect(() => duration('x', -1)).toThrow('x must be a number from 0 up, got -1')
  })
})

describe('percentage', () => {
  it('takes every weight of two decimals, and none of three', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        (hundredths) => percentage('x', hundredths / 100) === hundredths / 100,
      ),
    )
    expect(percentage('x', 0.1 + 0.2)).toBe(0.3)
    expect(percentage('x', 1e-9)).toBe(0)
    for (const weight of [0.001, 33.333, 99.995]) expect(() => percentage('x', weight)).toThrow(code('INVALID_WEIGHT'))
  })

  it.each([[-0.01], [100.01], [150]])('refuses %s', (weight) => {
    expect(() => percentage('x', weight)).toThrow(code('INVALID_WEIGHT'))
  })
})

describe('refuseUnknown', () => {
  it('names the option, the one that was likely meant, the known ones and the page', () => {
    expect(() => refuseUnknown('thing', { wieght: 1 } as object, { weight: 1, name: 1 })).toThrow(
      'thing has no option "wieght" (did you mean "weight"?); it knows weight, name; see https://',
    )
    expect(() => refuseUnknown('thing', { colour: 1 } as object, { weight: 1 })).toThrow(
      'thing has no option "colour"; it knows weight; see https://',
    )
    expect(() => refuseUnknown('thing', { weight: 1 }, { weight: 1 })).not.toThrow()
  })

  it.each([[null], [undefined], [7], ['x'], [[]]])('refuses %s in place of options', (value) => {
    expect(() => refuseUnknown('thing', value as unknown, {})).toThrow(code('INVALID_OPTION'))
  })

  it('says what it takes in place of a bare value', () => {
    expect(() => refuseUnknown('errorRate', 0.02 as unknown, { margin: 1, limit: 1 })).toThrow(
      '[INVALID_OPTION] errorRate takes an options object such as { margin, limit }, got 0.02',
    )
  })

  it('refuses an own __proto__ from JSON', () => {
    expect(() => refuseUnknown('thing', JSON.parse('{"__proto__": 1}'), {})).toThrow(code('UNKNOWN_OPTION'))
  })
})

describe('safeName', () => {
  it.each([[''], ['x'.repeat(65)], ['__proto__'], ['constructor'], ['prototype'], ['a\nb'], ['\ud800'], [7], [null]])(
    'refuses %j',
    (name) => {
      expect(() => safeName('name', name)).toThrow(code('INVALID_NAME'))
    },
  )

  it.each([['v2'], ['x'.repeat(64)], ['größe 😀']])('takes %j', (name) => {
    expect(safeName('name', name)).toBe(name)
  })
})

describe('words and functions', () => {
  it('are the ones that are known', () => {
    expect(oneOf('mode', 'enforce', ['enforce', 'observe'])).toBe('enforce')
    expect(() => oneOf('mode', 'toString', ['enforce'])).toThrow(code('INVALID_OPTION'))
    expect(optionalFunction('f', undefined)).toBeUndefined()
    expect(() => optionalFunction<unknown>('f', 'x')).toThrow(code('INVALID_OPTION'))
  })
})

describe('an object with methods', () => {
  const target = { apply: () => {} }

  it('is taken as it is', () => {
    expect(withMethods('target', target, ['apply'])).toBe(target)
  })

  it.each([
    [async () => {}, 'target must be an object with apply, got async () => {}'], // a function has an `apply` of its own
    [undefined, 'target must be an object with apply, got undefined'],
    [{}, 'target must be an object with apply; apply is missing'],
    [{ apply: 5 }, 'target.apply must be a function, got 5'],
  ])('is not %s', (wrong, message) => {
    expect(() => withMethods('target', wrong as typeof target, ['apply'])).toThrow(message)
  })
})

describe('show', () => {
  it('is short and never a whole payload', () => {
    fc.assert(fc.property(fc.anything(), (value) => show(value).length <= 260))
    expect([show('x'.repeat(99)).length, show([1, 2]), show({ secret: 1 })]).toEqual([43, 'an array of 2', 'an object'])
  })
})
