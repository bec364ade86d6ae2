import { describe, expect, it } from 'vitest'

const harness = (name: string) => import(`../src/harness/${name}.mjs`)
const { compare } = await harness('paired')
const { seededRandom, shuffled } = await harness('random')
const { quantile, ratioOfMedians } = await harness('spread')

const sums = (perCall: number) => (calls: number) => {
  let sum = 0
  for (let call = 0; call < calls * perCall; call++) sum += Math.sqrt(call)
  return sum
}

describe('compare', () => {
  it('finds twice the work to cost about twice, and the same work about the same', async () => {
    const comparison = await compare({ once: sums(50), twice: sums(100) }, { rounds: 9, batchMs: 4 })
    expect(comparison.ratio('twice', 'once').median).toBeGreaterThan(1.5)
    expect(comparison.ratio('twice', 'once').median).toBeLessThan(2.7)
    expect(comparison.noise('once').median).toBeGreaterThan(0.7)
    expect(comparison.noise('once').median).toBeLessThan(1.4)
  }, 30_000)

  it('shows a candidate that does nothing as far cheaper', async () => {
    const comparison = await compare({ work: sums(50), nothing: (calls: number) => calls }, { rounds: 3, batchMs: 2 })
    expect(comparison.ratio('nothing', 'work').median).toBeLessThan(0.1)
  }, 30_000)

  it('refuses a batch whose result says nothing of its calls', async () => {
    const silent = () => undefined
    await expect(compare({ silent }, { rounds: 1 })).rejects.toThrow('depends on its calls')
  })
})

describe('the arithmetic', () => {
  it('interpolates quantiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([10, 20, 30], 0.25)).toBe(15)
  })

  it('divides medians of what is added', () => {
    expect(ratioOfMedians([1, 2, 3], [4, 8, 12], seededRandom(1)).median).toBe(0.25)
  })

  it('orders by its seed alone, and loses nothing', () => {
    const order = shuffled([1, 2, 3, 4, 5], seededRandom(3))
    expect(shuffled([1, 2, 3, 4, 5], seededRandom(3))).toEqual(order)
    expect(order.toSorted()).toEqual([1, 2, 3, 4, 5])
  })
})
