import { describe, expect, it } from 'vitest'
import { withoutCredentials } from './credentials.js'
import { firstLineOf, messageOf } from './message-of.js'

describe('withoutCredentials', () => {
  it.each([
    ['connect redis://canary:hunter2@10.0.0.7:6379 refused', 'connect redis://***@10.0.0.7:6379 refused'],
    ['https://token@api.example/v1 and https://a:b@c', 'https://***@api.example/v1 and https://***@c'],
    ['mongodb+srv://u:p@ss@host/db?a=b@c', 'mongodb+srv://***@host/db?a=b@c'],
    ['https://api.example/users/@me', 'https://api.example/users/@me'],
    ['mail ann@example.com // or @bob', 'mail ann@example.com // or @bob'],
    ['', ''],
  ])('makes %j into %j', (text, expected) => {
    expect(withoutCredentials(text)).toBe(expected)
  })

  it('takes time that grows with the length', () => {
    for (const piece of ['//', '//a', 'a', '/', '//a ']) {
      const startedAt = performance.now()
      withoutCredentials(`${piece.repeat(500_000)}@`)
      expect(performance.now() - startedAt).toBeLessThan(1_000) // what is quadratic takes hours
    }
  })
})

describe('the message of an error', () => {
  it('has no credentials, also where the password is longer than what is shown', () => {
    const error = new Error(`failed at postgres://canary:${'x'.repeat(400)}@10.0.0.7/ci`)
    for (const told of [messageOf(error), firstLineOf(error)]) expect(told).toBe('failed at postgres://***@10.0.0.7/ci')
  })

  it('has no part of a password that is cut off', () => {
    const error = new Error(`failed at postgres://canary:hunter2${'x'.repeat(10_000)}@10.0.0.7/ci`)
    for (const told of [messageOf(error), firstLineOf(error)]) expect(told).not.toContain('hunter2')
  })
})
