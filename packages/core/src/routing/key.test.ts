import { describe, expect, it } from 'vitest'
import { checkedKeyTextOf, keyTextOf, noKeyMessage } from './key.js'

describe('keyTextOf', () => {
  it.each<[unknown, string]>([
    ['ann', 'ann'],
    [' ann ', ' ann '],
    ['undefined1', 'undefined1'],
    ['nullnullnull', 'nullnullnull'],
    ['[object Object]1', '[object Object]1'],
    [42, '42'],
    [42n, '42'],
    [-0, '0'],
    [-1, '-1'],
    [0.1, '0.1'],
    [2 ** 53, '9007199254740992'],
    [1e21, '1000000000000000000000'],
    [-1e21, '-1000000000000000000000'],
    [2n ** 64n, '18446744073709551616'],
  ])('of %o is %o', (key, text) => {
    expect(keyTextOf(key)).toBe(text)
  })

  it.each([
    undefined,
    null,
    '',
    ' ',
    '\n\t',
    '\u00a0',
    'undefined',
    'null',
    'NaN',
    'Infinity',
    '-Infinity',
    '[object Object]',
    '[object Undefined]',
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    true,
    {},
    [],
    Symbol('ann'),
  ])('of %o is undefined', (value) => {
    expect(keyTextOf(value)).toBeUndefined()
  })
})

describe('checkedKeyTextOf', () => {
  it('throws INVALID_KEY only for what can never be a key', () => {
    for (const value of [undefined, null, '', 'null', Number.NaN]) expect(checkedKeyTextOf(value)).toBeUndefined()
    for (const value of [true, {}, [], Symbol('ann'), () => 'ann']) {
      expect(() => checkedKeyTextOf(value)).toThrow('INVALID_KEY')
    }
  })
})

it('quotes a value that does not count as a key, cut to a bounded length', () => {
  expect(noKeyMessage('[object Object]')).toContain('the key "[object Object]" is not a valid key')
  expect(noKeyMessage(' '.repeat(1_000)).length).toBeLessThan(250)
})
