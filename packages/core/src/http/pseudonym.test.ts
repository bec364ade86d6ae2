import { expect, it } from 'vitest'
import { pseudonymOf } from './pseudonym.js'

it('is the first 64 bits of SHA-256 over the rollout and the key', () => {
  // printf 'sentiment:user-42' | sha256sum
  expect(pseudonymOf('sentiment', 'user-42')).toBe('5a75749b11ea6d02')
})

it('differs between rollouts, and is the same at every call', () => {
  expect(pseudonymOf('a', 'user')).not.toBe(pseudonymOf('b', 'user'))
  expect(pseudonymOf('a', 'user')).toBe(pseudonymOf('a', 'user'))
})
