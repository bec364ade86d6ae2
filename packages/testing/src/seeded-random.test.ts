import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.js'

const take = (count: number, random: () => number) => Array.from({ length: count }, random)

describe('seededRandom', () => {
  it.each([
    { seed: 0, words: [0x514676c3, 0x08a809df, 0x30349d2b, 0xfb52c520] },
    { seed: 1, words: [0x77eef724, 0x6f99472c, 0x65c86823, 0x6a161a47] },
    { seed: 2026, words: [0x5c111d35, 0x6e2bc678, 0x2d462511, 0x56c2096a] },
    { seed: 2 ** 40 + 5, words: [0x6d093702, 0x0a3d5835, 0xeacd5589, 0x4dc67bec] },
    { seed: -1, words: [0xc7053320, 0xdb48177e, 0xb7b300c7, 0x8d4e1c21] },
  ])('gives the words that sfc32 gives in unbounded integers, for seed $seed', ({ seed, words }) => {
    expect(take(4, seededRandom(seed))).toEqual(words.map((word) => word / 2 ** 32))
  })

  it('gives the same numbers for the same seed, in whatever order the generators are called', () => {
    const one = seededRandom(42)
    const other = seededRandom(42)
    const first = take(100, one)
    expect(take(100, other)).toEqual(first)
    expect(take(100, one)).not.toEqual(first)
  })

  it('fills a hundred equal cells evenly, also from similar seeds', () => {
    for (const seed of [0, 1, 2, 3]) {
      const cells = new Array<number>(100).fill(0)
      const random = seededRandom(seed)
      for (let draw = 0; draw < 100_000; draw++) cells[Math.floor(random() * 100)]! += 1
      const chiSquare = cells.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)
      // 99 degrees of freedom: 55 and 160 are passed with a chance of about 1 in 10,000 each
      expect(chiSquare).toBeGreaterThan(55)
      expect(chiSquare).toBeLessThan(160)
    }
  })

  it('stays within [0, 1)', () => {
    const random = seededRandom(7)
    for (let draw = 0; draw < 100_000; draw++) {
      const value = random()
      if (!(value >= 0 && value < 1)) expect.fail(`${value} is out of range`)
    }
  })

  it('refuses a seed that is not a whole number', () => {
    for (const seed of [0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => seededRandom(seed)).toThrow('INVALID_OPTION')
    }
  })
})
