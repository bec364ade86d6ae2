import { describe, expect, it } from 'vitest'
import { messageOf } from './message-of.js'

describe('messageOf', () => {
  it.each([
    ['an error', new TypeError('x is undefined'), 'x is undefined'],
    ['a text', 'no route', 'no route'],
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('gone'), 'Symbol(gone)'],
    ['an error whose message is none', Object.assign(new Error(), { message: 5 }), '5'],
    ['an object without a prototype', Object.create(null), 'something that cannot be shown'],
  ])('says what %s says', (_, cause, message) => {
    expect(messageOf(cause)).toBe(message)
  })

  it('survives what cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(messageOf(proxy)).toBe('something that cannot be shown')
  })

  it('is cut to 300 characters', () => {
    expect(messageOf(new Error('x'.repeat(1_000)))).toHaveLength(300)
  })
})
