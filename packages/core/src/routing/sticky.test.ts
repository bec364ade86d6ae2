import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stickyStrategy } from './sticky.js'

const strategy = await stickyStrategy({ salt: '' })
const users = Array.from({ length: 10_000 }, (_, n) => ({ key: `user-${n}` }))

describe('stickyStrategy', () => {
  it('randomises all requests of a key together', () => {
    expect(strategy).toMatchObject({ name: 'sticky', unit: 'key' })
  })

  it('keeps a user on one variant, as the bucket says', () => {
    const user = { key: 'user_456' } // bucket 3544
    expect(strategy.bucketOf(user)).toBe(3544)
    expect([1, 2, 3].map(() => strategy.pick(user, 35.45))).toEqual(['canary', 'canary', 'canary'])
    expect([1, 2, 3].map(() => strategy.pick(user, 35.44))).toEqual(['baseline', 'baseline', 'baseline'])
  })

  it('treats a number or a bigint as its decimal text', () => {
    expect([42, 42n, '42'].map((key) => strategy.bucketOf({ key }))).toEqual([7451, 7451, 7451])
    expect([0, -0, '0'].map((key) => strategy.bucketOf({ key }))).toEqual([5078, 5078, 5078])
  })

  it('hashes the salt with the key', async () => {
    const ranking = await stickyStrategy({ salt: 'ranking' })
    expect(ranking.bucketOf({ key: 'user_456' })).toBe(5983)
  })

  it('moves a user of the baseline at 5 to the canary at 50 if and only if the bucket says so', () => {
    const outside = users.filter((user) => strategy.pick(user, 5) === 'baseline')
    const moved = outside.filter((user) => strategy.pick(user, 50) === 'canary')
    expect(moved).toEqual(outside.filter((user) => strategy.bucketOf(user)! < 5_000))
    expect(moved.length).toBeGreaterThan(4_000)
    expect(outside.length - moved.length).toBeGreaterThan(4_000)
  })

  it('sends no user at 0 and every user at 100', () => {
    expect(users.filter((user) => strategy.pick(user, 0) === 'canary')).toEqual([])
    expect(users.filter((user) => strategy.pick(user, 100) === 'baseline')).toEqual([])
  })

  it('picks different users with a different salt', async () => {
    const [first, second] = await Promise.all([stickyStrategy({ salt: 'one' }), stickyStrategy({ salt: 'two' })])
    const both = { '00': 0, '01': 0, '10': 0, '11': 0 }
    for (const user of users) {
      const seen = [first, second].map((rollout) => (rollout.pick(user, 50) === 'canary' ? 1 : 0)).join('')
      both[seen as keyof typeof both]++
    }
    // Independent coins: 2,500 in each cell. Pearson's chi-square, 3 degrees of freedom, p = 1e-6.
    const chiSquare = Object.values(both).reduce((sum, count) => sum + (count - 2_500) ** 2 / 2_500, 0)
    expect(chiSquare).toBeLessThan(30.66)
  })

  describe('without a key', () => {
    const nobody = [undefined, null, '', ' \t', 'undefined', 'null', 'NaN', '[object Object]', Number.NaN]
    const strangers = [{}, ...nobody.map((key) => ({ key }))]

    it('has no bucket', () => {
      expect(strangers.map((request) => strategy.bucketOf(request))).toEqual(strangers.map(() => undefined))
    })

    it('goes to the baseline', () => {
      expect(strangers.map((request) => strategy.pick(request, 99.99))).toEqual(strangers.map(() => 'baseline'))
    })

    it('goes to the canary at 100, where there is no baseline', () => {
      expect(strangers.map((request) => strategy.pick(request, 100))).toEqual(strangers.map(() => 'canary'))
    })

    it('is split at random if onMissingKey says so', async () => {
      const draws = [0.0999, 0.1]
      const byChance = await stickyStrategy({ salt: '', onMissingKey: 'random', random: () => draws.shift() ?? 0.99 })
      expect([byChance.pick({}, 10), byChance.pick({ key: '' }, 10)]).toEqual(['canary', 'baseline'])
      expect([byChance.pick({}, 0), byChance.pick({}, 100)]).toEqual(['baseline', 'canary'])
    })
  })

  it('throws INVALID_KEY for a key that cannot be hashed', () => {
    for (const key of [false, {}, 'x'.repeat(1_025), '\ud83d']) {
      expect(() => strategy.pick({ key: key as string }, 50)).toThrow('INVALID_KEY')
    }
  })

  it('needs a salt, even if it is empty', async () => {
    for (const salt of [undefined, null, 7, 'x'.repeat(1_025), '\ud83d']) {
      await expect(stickyStrategy({ salt: salt as string })).rejects.toThrow('INVALID_OPTION')
    }
  })

  it('refuses options that it does not know', async () => {
    await expect(stickyStrategy({ salt: '', seed: 1 } as { salt: string })).rejects.toThrow('UNKNOWN_OPTION')
    await expect(stickyStrategy({ salt: '', onMissingKey: 'canary' as 'baseline' })).rejects.toThrow('INVALID_OPTION')
    await expect(stickyStrategy({ salt: '', random: 1 as never })).rejects.toThrow('INVALID_OPTION')
    await expect(stickyStrategy('sentiment' as never)).rejects.toThrow(
      '[INVALID_OPTION] stickyStrategy takes an object, as in stickyStrategy({ salt: \'sentiment-2026-11\' }), got "sentiment"',
    )
  })
})

describe('properties', () => {
  it('never takes a user back when the weight rises', () => {
    const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100)
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), percent, percent, (key, some, more) => {
        const [low, high] = some < more ? [some, more] : [more, some]
        if (strategy.pick({ key }, low) === 'canary') expect(strategy.pick({ key }, high)).toBe('canary')
      }),
      { numRuns: 1_000 },
    )
  })
})
