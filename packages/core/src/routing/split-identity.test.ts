import { expect, it } from 'vitest'
import { withOverride } from './override.js'
import { randomStrategy } from './random.js'
import { splitIdentityOf } from './split-identity.js'
import { stickyStrategy } from './sticky.js'
import type { BucketStrategy } from './strategy.js'

it('is the name and the salt of the innermost strategy', async () => {
  const sticky = await stickyStrategy({ salt: 'a' })
  const identity = splitIdentityOf(sticky)
  expect(identity).toBe('["sticky","a"]')
  expect(splitIdentityOf(withOverride(sticky, () => 'canary'))).toBe(identity)
  expect(splitIdentityOf(await stickyStrategy({ salt: 'a', onMissingKey: 'random' }))).toBe(identity)
  expect(splitIdentityOf(await stickyStrategy({ salt: 'b' }))).not.toBe(identity)
  expect(splitIdentityOf(await stickyStrategy({ salt: '' }))).toBe('["sticky",""]')
  expect(splitIdentityOf({ ...sticky, name: 'mine' })).not.toBe(identity)
})

it('is unknown without buckets, without a salt, and with a salt that is no text or a very long one', async () => {
  const sticky = await stickyStrategy({ salt: 'a' })
  expect(splitIdentityOf(randomStrategy())).toBeUndefined()
  expect(splitIdentityOf({ ...sticky, bucketOf: undefined } as never)).toBeUndefined()
  const salted = (salt: unknown) => splitIdentityOf({ ...sticky, salt } as BucketStrategy)
  for (const salt of [undefined, 7, 's'.repeat(600)]) expect(salted(salt)).toBeUndefined()
})
