import { describe, expect, it } from 'vitest'
import { mostBytesOf } from './most-bytes.js'

const bytesIn = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

const numbers = [0, 9, 10, 99, 100, 999, 1_000, 999_999, 1e6, -1, -0, 0.1, 1 / 3, 1e21, 2 ** 53, -5e-324, Number.NaN]
const longest = ['-0.0000012345678901234567', '-1.2345678901234567e-300', '-123456789012345680000'].map(Number)
const texts = ['', 'plain', '"\\', '\n\t\0', '\u007f', 'é€', '😀', '\ud800', '__proto__']

describe('the most bytes of a value', () => {
  it.each([...numbers, ...longest, ...texts, true, false, null])('are no fewer than %o takes as JSON', (value) => {
    for (const whole of [value, [value], { [String(value)]: value }, [[value, value], { a: { b: value } }]])
      expect(mostBytesOf(whole)).toBeGreaterThanOrEqual(bytesIn(whole))
  })

  it('are hardly more for names, text and small counts', () => {
    const summary = { outcomes: { success: 7, error: 0 }, latencyBins: [[512, 3]], name: 'sentiment', isOn: true }
    expect(mostBytesOf(summary)).toBeLessThan(bytesIn(summary) + 12)
  })

  it('are found without an iterator, which allocates an object for each item', () => {
    const list = (...items: unknown[]) =>
      Object.defineProperty(items, Symbol.iterator, { value: () => expect.fail('a list was iterated') })
    expect(mostBytesOf({ bins: list(list(512, 3), list(513, 4)), names: list('a', 'b') })).toBe(49)
  })

  it('count a member without a value as null', () => {
    expect(mostBytesOf([undefined])).toBeGreaterThanOrEqual(bytesIn([undefined]))
  })

  it('are infinite for what may have another JSON than its members', () => {
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    const others = [10n, () => 1, new Date(0), new Map(), new Number(1_000), { toJSON: () => 'long' }, cyclic]
    for (const value of others) expect(mostBytesOf({ member: value })).toBe(Number.POSITIVE_INFINITY)
  })
})
